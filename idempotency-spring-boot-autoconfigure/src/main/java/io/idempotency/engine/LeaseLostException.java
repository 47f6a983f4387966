package io.idempotency.engine;

import io.idempotency.store.Lease;

/**
 * Thrown where nothing was stored, or a transaction was rolled back, because another
 * request has taken the lease over.
 */
public final class LeaseLostException extends RuntimeException {

	LeaseLostException(Lease lease) {
		super("The lease of record " + lease.key() + " is lost, so that nothing was stored");
	}

}
