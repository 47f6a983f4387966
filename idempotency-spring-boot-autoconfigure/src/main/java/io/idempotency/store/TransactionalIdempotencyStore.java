package io.idempotency.store;

/**
 * A store whose records lie in the database that handlers write to, so that a handler's
 * work and its outcome can be committed in one transaction: after a crash at any moment,
 * either both are there or neither.
 */
public interface TransactionalIdempotencyStore extends IdempotencyStore {

	/**
	 * Returns whether {@link #begin} works.
	 * @return {@code false} if nothing manages transactions of the store's database
	 */
	boolean isTransactional();

	/**
	 * Returns whether handlers that say nothing of it run in a transaction.
	 * @return whether {@link #begin} is called for every handler
	 */
	boolean isTransactionalByDefault();

	/**
	 * Begins a transaction that the work of the calling thread joins until its end, which
	 * must come on the same thread. The lease was acquired before, outside of it, so that
	 * other requests see it at once.
	 * @return the transaction
	 */
	Transaction begin();

	/**
	 * Returns whether the calling thread is in a transaction that {@link #enlist} would
	 * join.
	 * @return {@code false} if there is none, it is that of another database, or nothing
	 * manages transactions of the store's database
	 */
	boolean isInTransaction();

	/**
	 * Writes a record with its outcome, without a lease, in the transaction of the
	 * calling thread, or in one that is begun for it and that the thread's work joins. No
	 * other connection is used, so that a thread never waits for one while it holds one.
	 * <p>
	 * Of any number of transactions that enlist one record at once, one gets it; the
	 * others wait for its end. If it is committed, the record has the outcome, and if it
	 * is rolled back, for whatever reason, the record is free, and one of those that wait
	 * gets it. A record in progress under a lease that has not lapsed is not waited for,
	 * and one with steps is not enlisted.
	 * <p>
	 * Where the isolation of a transaction that is joined does not let it see what others
	 * have committed since it began, the database may refuse to write the record.
	 * @param key the record
	 * @param fingerprint what the request asks for, kept with the record
	 * @param outcome what retries get unless it is
	 * {@linkplain Enlistment.Enlisted#complete replaced}
	 * @param terms how the record is kept and awaited
	 * @return {@link Enlistment.Enlisted}, or what is there instead
	 * @throws UnreadableRecordException if what is there cannot be read
	 * @throws RuntimeException if the record could not be written. A transaction that was
	 * begun for it is rolled back, and one that was joined can only be rolled back
	 */
	Enlistment enlist(RecordKey key, Fingerprint fingerprint, Outcome outcome, EnlistTerms terms);

	/**
	 * A transaction of a handler. It ends once, by a commit, which may fail, or a
	 * rollback.
	 */
	interface Transaction {

		/**
		 * Stores the outcome, as {@link IdempotencyStore#complete} does, and commits.
		 * @param lease the lease that held the record while the handler ran
		 * @param outcome what retries get
		 * @param expiry how long they get it, counted from now
		 * @return whether that was done; {@code false} if the record is no longer the
		 * lease's, and everything is rolled back
		 * @throws StoreUnavailableException if the store does not answer, and everything
		 * is rolled back
		 * @throws CommitUnknownException if nobody knows whether it took effect
		 * @throws RuntimeException if everything is rolled back for another reason
		 */
		boolean complete(Lease lease, Outcome outcome, Expiry expiry);

		/**
		 * Frees the record, as {@link IdempotencyStore#release} does, and commits.
		 * @param lease the lease that held the record while the handler ran
		 * @return whether that was done; {@code false} if the record is no longer the
		 * lease's, and everything is rolled back
		 * @throws StoreUnavailableException if the store does not answer, and everything
		 * is rolled back
		 * @throws CommitUnknownException if nobody knows whether it took effect
		 * @throws RuntimeException if everything is rolled back for another reason
		 */
		boolean release(Lease lease);

		/**
		 * Keeps a step with the record, as {@link IdempotencyStore#storeStep} does, and
		 * commits.
		 * @param lease the lease that holds the record while the handler runs
		 * @param step the step whose work was done in this transaction
		 * @param expiry how long the record stays if the lease ends without an outcome
		 * @return whether that was done; {@code false} if the record is no longer the
		 * lease's, and everything is rolled back
		 * @throws StoreUnavailableException if the store does not answer, and everything
		 * is rolled back
		 * @throws CommitUnknownException if nobody knows whether it took effect
		 * @throws RuntimeException if everything is rolled back for another reason
		 */
		boolean storeStep(Lease lease, StoredStep step, Expiry expiry);

		/**
		 * Returns whether the handler's work asked for a rollback.
		 * @return whether a commit is bound to fail
		 */
		boolean isRollbackOnly();

		/**
		 * Takes everything back, but for the lease. It does not throw, and does nothing
		 * to a transaction that has ended.
		 */
		void rollback();

	}

}
