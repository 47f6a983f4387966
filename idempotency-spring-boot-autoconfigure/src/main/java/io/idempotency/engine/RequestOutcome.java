package io.idempotency.engine;

/**
 * What became of a request to a protected handler.
 */
public enum RequestOutcome {

	/**
	 * The handler ran, and its response is stored.
	 */
	FIRST,

	/**
	 * The handler ran, and its response is not stored: the key is free again, or retries
	 * are refused because the response was too long.
	 */
	NOT_STORED,

	/**
	 * The handler ran, was cut off, and may still be running: the key is blocked until
	 * its lease lapses.
	 */
	ABANDONED,

	/**
	 * The handler ran, and its outcome is not stored, since its lease was lost: another
	 * request may have run the handler, too.
	 */
	LEASE_LOST,

	/**
	 * The handler ran, and its work was rolled back: its lease was lost, or the
	 * transaction that had both its work and its record ended so.
	 */
	ROLLED_BACK,

	/**
	 * The handler ran, and the store did not take its outcome for so long that it was
	 * given up: a retry may run the handler again.
	 */
	GIVEN_UP,

	/**
	 * The handler ran, and its work was not committed, or nobody knows.
	 */
	COMMIT_FAILED,

	/**
	 * A first request could not go on with the steps of an earlier one, and has ended
	 * without an answer of its handler.
	 */
	RESUME_FAILED,

	/**
	 * The client got the stored response of the first request, or a handler that answers
	 * retries by itself did.
	 */
	REPLAY,

	/**
	 * Refused, since the first request still runs.
	 */
	IN_PROGRESS,

	/**
	 * Refused after a wait, since the first request still runs.
	 */
	WAIT_TIMEOUT,

	/**
	 * Refused, since the key came before with another request.
	 */
	KEY_REUSED,

	/**
	 * Refused, since the handler needs a key.
	 */
	KEY_MISSING,

	/**
	 * Refused, since the key is malformed.
	 */
	KEY_INVALID,

	/**
	 * Refused, since the first request has run, but its response was not stored.
	 */
	RESPONSE_NOT_STORED,

	/**
	 * Refused, since the first request never ended.
	 */
	OUTCOME_UNKNOWN,

	/**
	 * Refused, since the store could not be asked, or its record not be read.
	 */
	STORE_UNAVAILABLE,

	/**
	 * The handler runs unprotected: the request has no key and needs none, or the store
	 * could not be asked and that is tolerated.
	 */
	UNPROTECTED

}
