package io.idempotency.store;

/**
 * Thrown when the store acquired the record, but too few of its replicas confirmed the
 * record in time. The lease holds the record until it is released.
 */
public class NotAcknowledgedException extends RuntimeException {

	/**
	 * Creates an exception.
	 * @param message names the server whose replicas did not confirm
	 */
	public NotAcknowledgedException(String message) {
		super(message);
	}

}
