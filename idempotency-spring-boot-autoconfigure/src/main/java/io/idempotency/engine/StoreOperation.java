package io.idempotency.engine;

/**
 * What the engine asks of a store.
 */
public enum StoreOperation {

	/**
	 * To acquire a record, or to say what is there.
	 */
	ACQUIRE,

	/**
	 * To renew a lease.
	 */
	RENEW,

	/**
	 * To store an outcome.
	 */
	COMPLETE,

	/**
	 * To keep the result of a step, in a transaction with its work or without.
	 */
	STEP,

	/**
	 * To free a record.
	 */
	RELEASE,

	/**
	 * To begin a transaction.
	 */
	BEGIN,

	/**
	 * To write a completed record in a transaction, that of the caller or one that is
	 * begun for it, after a wait for another one that has the record.
	 */
	ENLIST,

	/**
	 * To end a record and commit the transaction.
	 */
	COMMIT

}
