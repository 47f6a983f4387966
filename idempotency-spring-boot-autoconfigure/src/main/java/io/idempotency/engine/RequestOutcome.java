package io.idempotency.engine;

/**
 * The ways in which a request to a protected handler ends.
 */
public enum RequestOutcome {

	/**
	 * The handler ran, and its response is stored.
	 */
	FIRST,

	/**
	 * The handler ran, but its response is not stored. Either the key is free again, or
	 * retries are refused because the response could not be kept, for example because it
	 * was too long.
	 */
	NOT_STORED,

	/**
	 * The handler was interrupted and may still be running. The key is blocked until its
	 * lease lapses.
	 */
	ABANDONED,

	/**
	 * The handler ran, but its outcome is not stored because its lease was lost. Another
	 * request may have run the handler as well.
	 */
	LEASE_LOST,

	/**
	 * The handler ran, but its work was rolled back: either its lease was lost, or the
	 * transaction that contained both the work and the record was rolled back.
	 */
	ROLLED_BACK,

	/**
	 * The handler ran, but the store did not accept its outcome, which was given up. A
	 * retry may run the handler again.
	 */
	GIVEN_UP,

	/**
	 * The handler ran, but its work was not committed, or it is unknown whether it was
	 * committed.
	 */
	COMMIT_FAILED,

	/**
	 * A first request could not continue after the steps of an earlier one, and ended
	 * without a response of its handler.
	 */
	RESUME_FAILED,

	/**
	 * The client got the stored response to the first request, or the response of a
	 * handler that answers retries itself.
	 */
	REPLAY,

	/**
	 * The request was refused because the first request is still in progress.
	 */
	IN_PROGRESS,

	/**
	 * The request timed out while waiting, because the first request is still in
	 * progress.
	 */
	WAIT_TIMEOUT,

	/**
	 * The request was refused because the key was used before with a different request.
	 */
	KEY_REUSED,

	/**
	 * The request was refused because it has no key and the handler requires one.
	 */
	KEY_MISSING,

	/**
	 * The request was refused because its key is malformed.
	 */
	KEY_INVALID,

	/**
	 * The request was refused because the first request has run, but its response was not
	 * stored.
	 */
	RESPONSE_NOT_STORED,

	/**
	 * The request was refused because the first request never ended, so that it is
	 * unknown whether its handler had an effect.
	 */
	OUTCOME_UNKNOWN,

	/**
	 * The request was refused because the store is not available, or because the record
	 * cannot be read.
	 */
	STORE_UNAVAILABLE,

	/**
	 * The handler runs unprotected: either the request has no key and does not need one,
	 * or the store is not available and {@code idempotency.on-store-failure} is
	 * {@code proceed}.
	 */
	UNPROTECTED

}
