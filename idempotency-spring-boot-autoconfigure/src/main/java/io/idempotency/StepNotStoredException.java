package io.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * Thrown where the result of a step could not be kept, or the step was not taken because
 * it could not have been. A later attempt goes on behind the last step that was.
 */
public class StepNotStoredException extends RuntimeException {

	private final Reason reason;

	private final String step;

	/**
	 * Creates an exception.
	 * @param reason why it was not kept
	 * @param step the name of the step
	 * @param message what happened to it
	 * @param cause what failed, or {@code null}
	 */
	public StepNotStoredException(Reason reason, String step, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.reason = reason;
		this.step = step;
	}

	/**
	 * Returns why the step was not kept.
	 * @return the reason
	 */
	public Reason getReason() {
		return this.reason;
	}

	/**
	 * Returns which step it was.
	 * @return its name
	 */
	public String getStep() {
		return this.step;
	}

	/**
	 * Why a step was not kept.
	 */
	public enum Reason {

		/**
		 * Another request has taken over. A client gets status 409.
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
