package io.idempotency.method;

/**
 * The first call with the key was cut off, and {@code idempotency.on-abandoned=refuse}
 * does not let another one run: nobody knows whether the work had its effect.
 */
public final class IdempotencyOutcomeUnknownException extends IdempotentCallException {

	IdempotencyOutcomeUnknownException(String operation) {
		super(operation,
				"the first call with this key was cut off, and may or may not have had its effect; find out before you use a new key",
				null);
	}

}
