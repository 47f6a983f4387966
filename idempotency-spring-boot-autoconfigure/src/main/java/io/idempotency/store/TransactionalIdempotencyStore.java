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
