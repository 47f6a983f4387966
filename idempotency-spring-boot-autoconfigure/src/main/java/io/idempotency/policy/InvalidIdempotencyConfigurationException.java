package io.idempotency.policy;

/**
 * Thrown at startup when the properties, beans and annotations of the application
 * contradict each other.
 * <p>
 * Public for the front ends of this library; not intended for applications.
 */
public final class InvalidIdempotencyConfigurationException extends RuntimeException {

	private final String action;

	/**
	 * Creates the exception.
	 * @param description what is wrong, in one sentence that names the property, bean or
	 * handler
	 * @param action what to change
	 */
	public InvalidIdempotencyConfigurationException(String description, String action) {
		super(description);
		this.action = action;
	}

	String getAction() {
		return this.action;
	}

}
