package io.idempotency.method;

/**
 * The store does not answer, or its record cannot be read, so that nobody knows whether
 * the work has run before. It did not run now.
 */
public final class IdempotencyStoreException extends IdempotentCallException {

	private final boolean temporary;

	IdempotencyStoreException(String operation, boolean temporary, Throwable cause) {
		super(operation, temporary ? "the store does not answer; repeat the call later"
				: "the key was used before, but what is stored for it cannot be read", cause);
		this.temporary = temporary;
	}

	@Override
	public boolean isTemporary() {
		return this.temporary;
	}

}
