package io.idempotency.method;

import org.jspecify.annotations.Nullable;

/**
 * A call of a protected method, template or listener whose work did not run, on account
 * of its idempotency key. No message has the key in full.
 */
public abstract class IdempotentCallException extends RuntimeException {

	private final String operation;

	IdempotentCallException(String operation, String message, @Nullable Throwable cause) {
		super(operation + ": " + message, cause);
		this.operation = operation;
	}

	/**
	 * Returns whether the same call may fare better later.
	 * @return {@code true} if another call still runs, or the store does not answer
	 */
	public boolean isTemporary() {
		return false;
	}

	/**
	 * Returns what was called.
	 * @return the name of the operation
	 */
	public String getOperation() {
		return this.operation;
	}

}
