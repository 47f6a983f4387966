package io.idempotency.engine;

/**
 * The operations that the engine calls on a store.
 */
public enum StoreOperation {

	/**
	 * Acquires a record, or finds out why it cannot be acquired.
	 */
	ACQUIRE,

	/**
	 * Renews one or more leases.
	 */
	RENEW,

	/**
	 * Stores an outcome.
	 */
	COMPLETE,

	/**
	 * Stores the result of a step, with or without a transaction.
	 */
	STEP,

	/**
	 * Frees a record.
	 */
	RELEASE,

	/**
	 * Begins a transaction.
	 */
	BEGIN,

	/**
	 * Writes a completed record in the transaction of the caller or in a new one. This
	 * may include a wait for another transaction that has written the record.
	 */
	ENLIST,

	/**
	 * Ends a record and commits the transaction.
	 */
	COMMIT

}
