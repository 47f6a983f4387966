package io.idempotency.sample;

/**
 * The service by itself, with the store in memory.
 */
class SampleApplicationTests extends AbstractSampleTests {

}
