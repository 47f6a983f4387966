package io.idempotency.method;

/**
 * Thrown when the first call with the key still runs, on this or another instance. The
 * same call may succeed later.
 */
public final class IdempotencyInProgressException extends IdempotentCallException {

	IdempotencyInProgressException(String operation, boolean waited) {
		super(operation,
				waited ? "the first call with this key is still in progress after the wait timeout; repeat it later"
						: "the first call with this key is still in progress; repeat it later",
				null);
	}

	@Override
	public boolean isTemporary() {
		return true;
	}

}
