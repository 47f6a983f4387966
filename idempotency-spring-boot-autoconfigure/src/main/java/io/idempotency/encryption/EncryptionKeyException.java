package io.idempotency.encryption;

/**
 * Thrown when the application starts with a key that cannot be used. The message does not
 * contain the key.
 */
final class EncryptionKeyException extends RuntimeException {

	private final String property;

	EncryptionKeyException(String property, String reason) {
		super(property + " " + reason);
		this.property = property;
	}

	String getProperty() {
		return this.property;
	}

}
