package io.idempotency.redis;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets one of many calls that fail at the same time do something about it, at most once a
 * second.
 */
final class OncePerSecond {

	private static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();

	private final AtomicLong next = new AtomicLong(System.nanoTime());

	/**
	 * Returns whether the caller is the one.
	 */
	boolean isTurn() {
		long now = System.nanoTime();
		long due = this.next.get();
		return now - due >= 0 && this.next.compareAndSet(due, now + SECOND_NANOS);
	}

}
