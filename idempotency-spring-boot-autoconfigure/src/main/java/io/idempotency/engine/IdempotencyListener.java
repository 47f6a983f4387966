package io.idempotency.engine;

import java.time.Duration;

/**
 * Learns what becomes of the requests to protected handlers. The methods are called on
 * the threads that handle the requests, so they must be quick and safe for use by many
 * threads; what they throw is logged and changes nothing.
 */
public interface IdempotencyListener {

	/**
	 * Learns what became of a request: once for each request, for a first request when it
	 * ends.
	 * @param event what became of it
	 */
	default void onRequest(IdempotencyEvent event) {
	}

	/**
	 * Learns that a request goes on where an earlier one with its key has failed or was
	 * cut off, before its handler runs.
	 * @param attempt the request
	 */
	default void onResumed(ResumedAttempt attempt) {
	}

	/**
	 * Learns that a handler has taken a step, or was given the result that an earlier
	 * attempt has left.
	 * @param event the step
	 */
	default void onStep(StepEvent event) {
	}

	/**
	 * Learns that a request which waited for another one waits no more.
	 * @param waited how long it did
	 */
	default void onWaited(Duration waited) {
	}

	/**
	 * Learns that expired records were removed from a store.
	 * @param records how many, more than none
	 */
	default void onPurged(int records) {
	}

}
