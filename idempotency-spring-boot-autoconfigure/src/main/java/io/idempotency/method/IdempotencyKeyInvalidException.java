package io.idempotency.method;

/**
 * The key is missing or cannot be used as a key.
 */
public final class IdempotencyKeyInvalidException extends IdempotentCallException {

	IdempotencyKeyInvalidException(String operation, String rule) {
		super(operation, rule, null);
	}

}
