package io.idempotency.method;

/**
 * Thrown when the first call with the key was interrupted, and
 * {@code idempotency.on-abandoned=refuse} does not allow another one. It is unknown
 * whether the work had its effect.
 */
public final class IdempotencyOutcomeUnknownException extends IdempotentCallException {

	IdempotencyOutcomeUnknownException(String operation) {
		super(operation,
				"the first call with this key was interrupted, and it is unknown whether it had its effect; find out before you use a new key",
				null);
	}

}
