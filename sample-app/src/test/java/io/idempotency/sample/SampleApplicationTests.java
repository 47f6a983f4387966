package io.idempotency.sample;

import org.junit.jupiter.api.Tag;

/**
 * The service by itself, with the store in memory.
 */
@Tag("quick")
class SampleApplicationTests extends AbstractSampleTests {

}
