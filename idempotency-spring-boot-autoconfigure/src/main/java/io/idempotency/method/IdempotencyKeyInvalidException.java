package io.idempotency.method;

/**
 * Thrown when the idempotency key is missing or invalid.
 */
public final class IdempotencyKeyInvalidException extends IdempotentCallException {

	IdempotencyKeyInvalidException(String operation, String rule) {
		super(operation, rule, null);
	}

}
