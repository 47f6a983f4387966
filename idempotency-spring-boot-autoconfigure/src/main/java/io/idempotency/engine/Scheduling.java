package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.locks.Lock;

/**
 * The time and the threads of an engine.
 */
interface Scheduling {

	/**
	 * Returns the time, as {@link System#nanoTime()} does.
	 */
	long nanoTime();

	/**
	 * Waits for a lock.
	 */
	default void lock(Lock lock) {
		lock.lock();
	}

	/**
	 * Returns new threads for one purpose, so that what piles up for one delays no other.
	 * They end when nothing is left to do.
	 */
	Lane lane(String purpose, int threads);

	/**
	 * The threads of one purpose.
	 */
	interface Lane {

		/**
		 * Runs a task later, unless it is cancelled or the lane is closed before. It must
		 * not throw.
		 */
		Timer schedule(Duration delay, Runnable task);

		/**
		 * Interrupts what runs, and drops what does not run yet and what comes later.
		 */
		void close();

	}

	/**
	 * A task that may still be cancelled.
	 */
	@FunctionalInterface
	interface Timer {

		/**
		 * Keeps the task from beginning.
		 */
		void cancel();

	}

}
