package io.idempotency.engine;

import java.time.Duration;

/**
 * Is notified of the outcomes of requests to protected handlers. The methods are called
 * on the threads that handle the requests, so they must be fast and thread-safe.
 * Exceptions that they throw are logged and have no other effect.
 */
public interface IdempotencyListener {

	/**
	 * Called once for each request. For a first request, it is called when the request
	 * ends.
	 * @param event the outcome of the request
	 */
	default void onRequest(IdempotencyEvent event) {
	}

	/**
	 * Called when a request continues after the steps of an earlier request with its key,
	 * which has failed or was interrupted. It is called before the handler runs.
	 * @param attempt the request
	 */
	default void onResumed(ResumedAttempt attempt) {
	}

	/**
	 * Called when a handler has taken a step, or was given the result that an earlier
	 * attempt has stored.
	 * @param event the step
	 */
	default void onStep(StepEvent event) {
	}

	/**
	 * Called when a request has stopped waiting for another one.
	 * @param waited how long the request has waited
	 */
	default void onWaited(Duration waited) {
	}

	/**
	 * Called when expired records were removed from a store.
	 * @param records the number of records, at least 1
	 */
	default void onPurged(int records) {
	}

}
