package io.idempotency.method;

/**
 * The first call with the key still runs, here or on another instance. The same call may
 * fare better later.
 */
public final class IdempotencyInProgressException extends IdempotentCallException {

	IdempotencyInProgressException(String operation, boolean waited) {
		super(operation, waited ? "the first call with this key takes longer than this one waits; repeat it later"
				: "the first call with this key is still in progress; repeat it later", null);
	}

	@Override
	public boolean isTemporary() {
		return true;
	}

}
