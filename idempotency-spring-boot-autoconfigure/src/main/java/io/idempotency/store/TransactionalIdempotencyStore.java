package io.idempotency.store;

/**
 * A store that keeps its records in the database that handlers write to, so that the work
 * of a handler and its outcome can be committed in one transaction. After a crash at any
 * time, either both are committed or neither.
 */
public interface TransactionalIdempotencyStore extends IdempotencyStore {

	/**
	 * Returns whether {@link #begin} is supported.
	 * @return {@code false} if there is no transaction manager for the store's database
	 */
	boolean isTransactional();

	/**
	 * Returns whether handlers run in a transaction unless they are configured otherwise.
	 * @return whether {@link #begin} is called for every handler
	 */
	boolean isTransactionalByDefault();

	/**
	 * Begins a transaction that the work of the calling thread joins. It must be ended on
	 * the same thread. The lease is acquired before and outside of this transaction, so
	 * that other requests see it immediately.
	 * @return the transaction
	 */
	Transaction begin();

	/**
	 * Returns whether the calling thread is in a transaction that {@link #enlist} would
	 * join.
	 * @return {@code false} if there is no transaction, if it is a transaction of another
	 * database, or if there is no transaction manager for the store's database
	 */
	boolean isInTransaction();

	/**
	 * Writes a record with its outcome, without a lease, in the transaction of the
	 * calling thread. If there is none, a transaction is begun, which the work of the
	 * thread joins. No other connection is used, so that a thread never waits for a
	 * second connection while it holds one.
	 * <p>
	 * If several transactions enlist the same record at the same time, one of them gets
	 * it, and the others wait until that transaction ends. If it is committed, the record
	 * has the outcome. If it is rolled back for any reason, the record is free, and one
	 * of the waiting transactions gets it. This method does not wait for a record that is
	 * in progress under a lease that has not lapsed, and it does not enlist a record with
	 * steps.
	 * <p>
	 * If the isolation level of a joined transaction hides what others have committed
	 * since it began, the database may refuse to write the record.
	 * @param key the record
	 * @param fingerprint the fingerprint of the request, which is stored with the record
	 * @param outcome what retries get unless it is
	 * {@linkplain Enlistment.Enlisted#complete replaced}
	 * @param terms how the record is kept and awaited
	 * @return {@link Enlistment.Enlisted}, or the state of the existing record
	 * @throws UnreadableRecordException if the existing record cannot be read
	 * @throws RuntimeException if the record could not be written. A transaction that was
	 * begun for it is rolled back; a joined transaction can only be rolled back
	 */
	Enlistment enlist(RecordKey key, Fingerprint fingerprint, Outcome outcome, EnlistTerms terms);

	/**
	 * The transaction of a handler. It is ended once, by a commit, which may fail, or by
	 * a rollback.
	 */
	interface Transaction {

		/**
		 * Stores the outcome, as {@link IdempotencyStore#complete} does, and commits.
		 * @param lease the lease that held the record while the handler ran
		 * @param outcome what retries get
		 * @param expiry how long the outcome is kept, counted from now
		 * @return whether this was done; {@code false} if the record no longer belongs to
		 * the lease, and everything is rolled back
		 * @throws StoreUnavailableException if the store does not answer, and everything
		 * is rolled back
		 * @throws CommitUnknownException if it is unknown whether the commit took effect
		 * @throws RuntimeException if everything is rolled back for another reason
		 */
		boolean complete(Lease lease, Outcome outcome, Expiry expiry);

		/**
		 * Frees the record, as {@link IdempotencyStore#release} does, and commits.
		 * @param lease the lease that held the record while the handler ran
		 * @return whether this was done; {@code false} if the record no longer belongs to
		 * the lease, and everything is rolled back
		 * @throws StoreUnavailableException if the store does not answer, and everything
		 * is rolled back
		 * @throws CommitUnknownException if it is unknown whether the commit took effect
		 * @throws RuntimeException if everything is rolled back for another reason
		 */
		boolean release(Lease lease);

		/**
		 * Stores a step with the record, as {@link IdempotencyStore#storeStep} does, and
		 * commits.
		 * @param lease the lease that holds the record while the handler runs
		 * @param step the step whose work was done in this transaction
		 * @param expiry how long the record is kept if the lease ends without an outcome
		 * @return whether this was done; {@code false} if the record no longer belongs to
		 * the lease, and everything is rolled back
		 * @throws StoreUnavailableException if the store does not answer, and everything
		 * is rolled back
		 * @throws CommitUnknownException if it is unknown whether the commit took effect
		 * @throws RuntimeException if everything is rolled back for another reason
		 */
		boolean storeStep(Lease lease, StoredStep step, Expiry expiry);

		/**
		 * Returns whether the handler's work marked the transaction as rollback-only.
		 * @return whether a commit would fail
		 */
		boolean isRollbackOnly();

		/**
		 * Rolls back everything except the lease. This method does not throw, and does
		 * nothing if the transaction has ended.
		 */
		void rollback();

	}

}
