package io.idempotency.method;

import org.jspecify.annotations.Nullable;

/**
 * Base class of the exceptions that are thrown when the work of a protected method,
 * template or listener does not run because of its idempotency key. Messages never
 * contain the full key.
 */
public abstract class IdempotentCallException extends RuntimeException {

	private final String operation;

	IdempotentCallException(String operation, String message, @Nullable Throwable cause) {
		super(operation + ": " + message, cause);
		this.operation = operation;
	}

	/**
	 * Returns whether the same call may succeed later.
	 * @return {@code true} if another call still runs, or the store does not answer
	 */
	public boolean isTemporary() {
		return false;
	}

	/**
	 * Returns the name of the operation that was called.
	 * @return the name of the operation
	 */
	public String getOperation() {
		return this.operation;
	}

}
