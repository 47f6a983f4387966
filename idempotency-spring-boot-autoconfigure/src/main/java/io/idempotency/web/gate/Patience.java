package io.idempotency.web.gate;

import java.time.Duration;

/**
 * How long one request may wait for another.
 *
 * @param deadline when it waits no more, in the time of {@link System#nanoTime()}
 * @param waited how long it has waited until now
 * @param bytes how much of its body is held while it waits
 */
public record Patience(long deadline, Duration waited, long bytes) {

	/**
	 * Returns the patience of a request that cannot wait.
	 * @return no patience at all
	 */
	public static Patience none() {
		return of(Duration.ZERO);
	}

	/**
	 * Returns the patience of a request that has just come.
	 * @param atMost how long it may wait, all in all
	 * @return the patience
	 */
	public static Patience of(Duration atMost) {
		return new Patience(System.nanoTime() + atMost.toNanos(), Duration.ZERO, 0);
	}

	/**
	 * Returns what is left after a wait.
	 * @param pause how long it was
	 * @return the same deadline
	 */
	public Patience after(Duration pause) {
		return new Patience(this.deadline, this.waited.plus(pause), this.bytes);
	}

	/**
	 * Returns the patience of a request whose body is held.
	 * @param bytes how much of it
	 * @return the same deadline
	 */
	public Patience holding(long bytes) {
		return new Patience(this.deadline, this.waited, bytes);
	}

	/**
	 * Returns the patience of a request that cannot wait any more.
	 * @return a deadline that is over
	 */
	public Patience ended() {
		return new Patience(System.nanoTime(), this.waited, this.bytes);
	}

	Duration left() {
		return Duration.ofNanos(Math.max(0, this.deadline - System.nanoTime()));
	}

}
