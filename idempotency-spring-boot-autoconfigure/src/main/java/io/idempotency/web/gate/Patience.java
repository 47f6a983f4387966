package io.idempotency.web.gate;

import java.time.Duration;

/**
 * How long one request may wait for another.
 *
 * @param deadline when it stops waiting, as a value of {@link System#nanoTime()}
 * @param waited how long it has waited so far
 * @param bytes how many bytes of its body are held in memory while it waits
 */
public record Patience(long deadline, Duration waited, long bytes) {

	/**
	 * Returns the patience of a request that cannot wait.
	 * @return a patience whose deadline has passed
	 */
	public static Patience none() {
		return of(Duration.ZERO);
	}

	/**
	 * Returns the patience of a request that has just arrived.
	 * @param atMost how long it may wait in total
	 * @return the patience
	 */
	public static Patience of(Duration atMost) {
		return new Patience(System.nanoTime() + atMost.toNanos(), Duration.ZERO, 0);
	}

	/**
	 * Returns the patience that is left after a wait.
	 * @param pause how long the request waited
	 * @return a patience with the same deadline
	 */
	public Patience after(Duration pause) {
		return new Patience(this.deadline, this.waited.plus(pause), this.bytes);
	}

	/**
	 * Returns the patience of a request whose body is held in memory.
	 * @param bytes how many bytes of it are held
	 * @return a patience with the same deadline
	 */
	public Patience holding(long bytes) {
		return new Patience(this.deadline, this.waited, bytes);
	}

	/**
	 * Returns the patience of a request that cannot wait any more.
	 * @return a patience whose deadline has passed
	 */
	public Patience ended() {
		return new Patience(System.nanoTime(), this.waited, this.bytes);
	}

	Duration left() {
		return Duration.ofNanos(Math.max(0, this.deadline - System.nanoTime()));
	}

}
