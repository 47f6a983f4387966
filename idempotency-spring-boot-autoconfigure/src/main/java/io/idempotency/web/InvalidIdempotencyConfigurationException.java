package io.idempotency.web;

/**
 * Thrown at start when the properties, beans and annotations of the application
 * contradict each other.
 */
final class InvalidIdempotencyConfigurationException extends RuntimeException {

	private final String action;

	InvalidIdempotencyConfigurationException(String description, String action) {
		super(description);
		this.action = action;
	}

	String getAction() {
		return this.action;
	}

}
