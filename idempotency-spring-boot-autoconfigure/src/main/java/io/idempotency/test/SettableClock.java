package io.idempotency.test;

import java.time.Duration;
import java.time.Instant;

import io.idempotency.memory.MemoryStoreClock;

/**
 * A clock that stands still until a test advances it. If it is a bean, the memory store
 * uses it, so that a test can control when leases lapse and responses expire.
 */
public final class SettableClock implements MemoryStoreClock {

	private volatile Instant now;

	/**
	 * Creates a clock that shows the current time.
	 */
	public SettableClock() {
		this(Instant.now());
	}

	/**
	 * Creates a clock.
	 * @param start the time that the clock shows
	 */
	public SettableClock(Instant start) {
		this.now = start;
	}

	@Override
	public Instant instant() {
		return this.now;
	}

	/**
	 * Advances the clock.
	 * @param duration the time to add, which must not be negative
	 */
	public synchronized void advance(Duration duration) {
		if (duration.isNegative()) {
			throw new IllegalArgumentException("A clock cannot go back: " + duration);
		}
		this.now = this.now.plus(duration);
	}

}
