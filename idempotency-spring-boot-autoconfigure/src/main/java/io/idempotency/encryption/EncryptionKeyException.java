package io.idempotency.encryption;

/**
 * Thrown at start for a key that cannot be used. It says nothing of the key.
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
