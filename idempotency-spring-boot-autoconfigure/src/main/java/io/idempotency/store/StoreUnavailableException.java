package io.idempotency.store;

/**
 * Thrown where a store does not answer in a transaction, so that nothing of it was
 * committed.
 */
public class StoreUnavailableException extends RuntimeException {

	public StoreUnavailableException(Throwable cause) {
		super("The store does not answer, so that nothing was committed: " + cause, cause);
	}

}
