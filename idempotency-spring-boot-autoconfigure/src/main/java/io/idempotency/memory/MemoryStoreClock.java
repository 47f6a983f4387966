package io.idempotency.memory;

import java.time.InstantSource;

/**
 * Clock of the store in memory, which is used if the application has a bean of this type.
 * It is meant for tests. It is a separate type, so that a clock which the application has
 * for other purposes does not decide when a lease lapses.
 */
public interface MemoryStoreClock extends InstantSource {

}
