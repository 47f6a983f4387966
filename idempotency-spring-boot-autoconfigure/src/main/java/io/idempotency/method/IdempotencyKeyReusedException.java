package io.idempotency.method;

/**
 * The key came before with another fingerprint: it was used for something else.
 */
public final class IdempotencyKeyReusedException extends IdempotentCallException {

	IdempotencyKeyReusedException(String operation, String key) {
		super(operation, "the key " + key + " came before with other content; a new operation needs a new key", null);
	}

}
