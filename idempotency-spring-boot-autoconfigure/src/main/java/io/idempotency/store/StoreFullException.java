package io.idempotency.store;

/**
 * The store answers, but has no room for a record of a new key. What it holds can be
 * read, renewed and completed.
 */
public class StoreFullException extends RuntimeException {

	/**
	 * Creates an exception.
	 * @param message says what is full, and how to make room
	 */
	public StoreFullException(String message) {
		super(message);
	}

	/**
	 * Creates an exception.
	 * @param message says what is full, and how to make room
	 * @param cause what the store says
	 */
	public StoreFullException(String message, Throwable cause) {
		super(message, cause);
	}

}
