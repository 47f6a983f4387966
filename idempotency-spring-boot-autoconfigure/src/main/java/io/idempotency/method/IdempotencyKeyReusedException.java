package io.idempotency.method;

/**
 * Thrown when the key was used before with another fingerprint, and therefore for a
 * different operation.
 */
public final class IdempotencyKeyReusedException extends IdempotentCallException {

	IdempotencyKeyReusedException(String operation, String key) {
		super(operation, "the key " + key + " was used before with other content; a new operation needs a new key",
				null);
	}

}
