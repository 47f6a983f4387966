package io.idempotency.test;

import java.time.Duration;
import java.time.Instant;

import io.idempotency.memory.MemoryStoreClock;

/**
 * A clock that stands still until a test advances it. As a bean, it is the time of the
 * store in memory: leases lapse and responses expire when the test says so.
 */
public final class SettableClock implements MemoryStoreClock {

	private volatile Instant now;

	/**
	 * Creates a clock that shows the present time.
	 */
	public SettableClock() {
		this(Instant.now());
	}

	/**
	 * Creates a clock.
	 * @param start the time that it shows
	 */
	public SettableClock(Instant start) {
		this.now = start;
	}

	@Override
	public Instant instant() {
		return this.now;
	}

	/**
	 * Lets time pass.
	 * @param duration how much
	 */
	public synchronized void advance(Duration duration) {
		if (duration.isNegative()) {
			throw new IllegalArgumentException("Time does not go back: " + duration);
		}
		this.now = this.now.plus(duration);
	}

}
