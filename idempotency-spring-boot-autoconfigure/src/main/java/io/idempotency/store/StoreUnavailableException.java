package io.idempotency.store;

/**
 * The store does not answer. Where a transaction throws it, nothing was committed.
 */
public class StoreUnavailableException extends RuntimeException {

	/**
	 * Creates an exception.
	 * @param cause what the store failed with
	 */
	public StoreUnavailableException(Throwable cause) {
		super("The store does not answer, so that nothing was committed: " + cause, cause);
	}

	/**
	 * Creates an exception.
	 * @param message says which store does not answer
	 */
	public StoreUnavailableException(String message) {
		super(message);
	}

}
