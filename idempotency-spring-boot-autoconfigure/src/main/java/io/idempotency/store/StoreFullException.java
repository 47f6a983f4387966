package io.idempotency.store;

/**
 * Thrown when the store answers, but has no room for a record of a new key. Its existing
 * records can still be read, renewed and completed.
 */
public class StoreFullException extends RuntimeException {

	/**
	 * Creates an exception.
	 * @param message what is full, and how to make room
	 */
	public StoreFullException(String message) {
		super(message);
	}

	/**
	 * Creates an exception.
	 * @param message what is full, and how to make room
	 * @param cause the exception of the store
	 */
	public StoreFullException(String message, Throwable cause) {
		super(message, cause);
	}

}
