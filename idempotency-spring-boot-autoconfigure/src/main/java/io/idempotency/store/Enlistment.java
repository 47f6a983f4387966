package io.idempotency.store;

/**
 * The result of {@link TransactionalIdempotencyStore#enlist}: either the record is part
 * of the calling thread's transaction, or this describes the record that is already
 * there.
 */
public sealed interface Enlistment {

	/**
	 * The record was free, and is now part of the transaction. No other request gets the
	 * record until the transaction ends.
	 * <p>
	 * It is used by the thread that enlisted the record, and is ended once, by
	 * {@link #commit} or {@link #rollback}.
	 */
	non-sealed interface Enlisted extends Enlistment {

		/**
		 * Returns whether the record joined an existing transaction, which its owner
		 * ends.
		 * @return {@code false} if the transaction was begun for the record and is ended
		 * by {@link #commit} or {@link #rollback}
		 */
		boolean isJoined();

		/**
		 * Returns whether the transaction can only be rolled back.
		 * @return whether it is marked as rollback-only
		 */
		boolean isRollbackOnly();

		/**
		 * Replaces the outcome of the record. Its expiry is counted from now.
		 * @param outcome what retries get once the transaction is committed
		 * @throws RuntimeException if this fails; the transaction must then be rolled
		 * back
		 */
		void complete(Outcome outcome);

		/**
		 * Removes the record within the transaction, so that its key is free even if the
		 * transaction is committed.
		 * @throws RuntimeException if this fails; the transaction must then be rolled
		 * back
		 */
		void release();

		/**
		 * Commits the transaction if it was begun for the record. A joined transaction
		 * goes on, and its owner commits the record with it.
		 * @throws RuntimeException if the application's transaction manager throws it
		 */
		void commit();

		/**
		 * Rolls back the transaction if it was begun for the record. A joined transaction
		 * goes on, but can only be rolled back.
		 * @throws RuntimeException if the application's transaction manager throws it
		 */
		void rollback();

	}

	/**
	 * The record is not free. A transaction that was begun for it has ended; a joined
	 * transaction is unchanged.
	 *
	 * @param acquisition the state of the record: {@link Acquisition.Completed},
	 * {@link Acquisition.Abandoned}, {@link Acquisition.Resumable} or
	 * {@link Acquisition.InProgress}. If the record is part of another transaction,
	 * {@link Acquisition.InProgress} has no fingerprint to compare
	 */
	record Present(Acquisition acquisition) implements Enlistment {
	}

}
