package io.idempotency.store;

/**
 * The store answers and has acquired the record, but not as safely as its settings ask
 * for: too few of its replicas have confirmed the record in time. The claim is the
 * lease's until it is released.
 */
public class NotAcknowledgedException extends RuntimeException {

	/**
	 * Creates an exception.
	 * @param message says whose confirmation is missing
	 */
	public NotAcknowledgedException(String message) {
		super(message);
	}

}
