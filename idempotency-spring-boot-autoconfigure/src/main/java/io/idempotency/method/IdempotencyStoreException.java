package io.idempotency.method;

/**
 * Thrown when the store does not answer or the record cannot be read, and it is therefore
 * unknown whether the work ran before. The work did not run this time.
 */
public final class IdempotencyStoreException extends IdempotentCallException {

	private final boolean temporary;

	IdempotencyStoreException(String operation, boolean temporary, Throwable cause) {
		super(operation, temporary ? "the store does not answer; repeat the call later"
				: "the key was used before, but its record cannot be read", cause);
		this.temporary = temporary;
	}

	@Override
	public boolean isTemporary() {
		return this.temporary;
	}

}
