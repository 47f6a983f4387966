package io.idempotency.engine;

import io.idempotency.store.Lease;

/**
 * Thrown when nothing was stored, or a transaction was rolled back, because another
 * request has taken over the lease.
 */
public final class LeaseLostException extends RuntimeException {

	LeaseLostException(Lease lease) {
		super("The lease of record " + lease.key() + " is lost, so nothing was stored");
	}

}
