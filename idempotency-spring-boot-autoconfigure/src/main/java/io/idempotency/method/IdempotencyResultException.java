package io.idempotency.method;

import org.jspecify.annotations.Nullable;

/**
 * The work has run before, and its result cannot be given: it was not stored, or it does
 * not read as the declared type any more. Or its type is such that it could never be
 * read, in which case the work does not run at all. In one transaction with its record,
 * work whose result cannot be stored is rolled back, and nothing has happened.
 */
public final class IdempotencyResultException extends IdempotentCallException {

	IdempotencyResultException(String operation, String message, @Nullable Throwable cause) {
		super(operation, message, cause);
	}

}
