package io.idempotency.store;

/**
 * Thrown when the store does not answer. If a transaction throws it, nothing was
 * committed.
 */
public class StoreUnavailableException extends RuntimeException {

	/**
	 * Creates an exception.
	 * @param cause the exception of the store
	 */
	public StoreUnavailableException(Throwable cause) {
		super("The store does not answer, and nothing was committed: " + cause, cause);
	}

	/**
	 * Creates an exception.
	 * @param message which store does not answer
	 */
	public StoreUnavailableException(String message) {
		super(message);
	}

}
