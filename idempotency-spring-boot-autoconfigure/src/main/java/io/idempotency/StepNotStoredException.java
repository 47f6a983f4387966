package io.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when the result of a step could not be stored, or when a step was not taken
 * because its result could not be stored. A later attempt continues after the last step
 * that was stored.
 */
public class StepNotStoredException extends RuntimeException {

	private final Reason reason;

	private final String step;

	/**
	 * Creates an exception.
	 * @param reason why the step was not stored
	 * @param step the name of the step
	 * @param message what happened to the step
	 * @param cause the failure, or {@code null}
	 */
	public StepNotStoredException(Reason reason, String step, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.reason = reason;
		this.step = step;
	}

	/**
	 * Returns why the step was not stored.
	 * @return the reason
	 */
	public Reason getReason() {
		return this.reason;
	}

	/**
	 * Returns the name of the step.
	 * @return the name of the step
	 */
	public String getStep() {
		return this.step;
	}

	/**
	 * The reasons why a step is not stored.
	 */
	public enum Reason {

		/**
		 * Another request has taken over the lease. A client gets status 409.
		 */
		LEASE_LOST,

		/**
		 * The store does not answer. A client gets status 503.
		 */
		STORE_UNAVAILABLE,

		/**
		 * The result is too long, or cannot be written as JSON and read back. A client
		 * gets status 500.
		 */
		RESULT

	}

}
