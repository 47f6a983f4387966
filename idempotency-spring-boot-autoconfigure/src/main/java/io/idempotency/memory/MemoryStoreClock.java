package io.idempotency.memory;

import java.time.InstantSource;

/**
 * Tells the store in memory the time, where the application has a bean of this type,
 * which is meant for tests. It is a type of its own so that no clock that the application
 * has for other purposes decides when a lease lapses.
 */
public interface MemoryStoreClock extends InstantSource {

}
