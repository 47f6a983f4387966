package io.idempotency.method;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when there is no result that can be returned. Usually the work ran before, but
 * its result was not stored, or cannot be read as the declared type any more. If the
 * declared type can never be read, the work does not run at all. If the work is in the
 * same transaction as its record, and its result cannot be stored, both are rolled back.
 */
public final class IdempotencyResultException extends IdempotentCallException {

	IdempotencyResultException(String operation, String message, @Nullable Throwable cause) {
		super(operation, message, cause);
	}

}
