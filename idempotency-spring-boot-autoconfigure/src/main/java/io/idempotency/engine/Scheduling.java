package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.locks.Lock;

/**
 * Provides the time and the threads of an engine.
 */
interface Scheduling {

	/**
	 * Returns the time in nanoseconds, as {@link System#nanoTime()} does.
	 */
	long nanoTime();

	/**
	 * Waits for a lock.
	 */
	default void lock(Lock lock) {
		lock.lock();
	}

	/**
	 * Returns new threads for one purpose, so that tasks of one purpose do not delay
	 * those of another. The threads end when there is nothing left to do.
	 */
	Lane lane(String purpose, int threads);

	/**
	 * The threads of one purpose.
	 */
	interface Lane {

		/**
		 * Runs a task after a delay, unless it is cancelled or the lane is closed before.
		 * The task must not throw exceptions.
		 */
		Timer schedule(Duration delay, Runnable task);

		/**
		 * Interrupts running tasks, and drops tasks that have not started or are added
		 * later.
		 */
		void close();

	}

	/**
	 * A scheduled task that can be cancelled.
	 */
	@FunctionalInterface
	interface Timer {

		/**
		 * Prevents the task from starting.
		 */
		void cancel();

	}

}
