package io.idempotency.store;

/**
 * The answer of {@link TransactionalIdempotencyStore#enlist}: the record is in the
 * transaction of the calling thread, or this is what is there.
 */
public sealed interface Enlistment {

	/**
	 * The record was free, and is in the transaction. Until its end no other request gets
	 * the record.
	 * <p>
	 * It is used by the thread that has enlisted the record, and ends once, by
	 * {@link #commit} or {@link #rollback}.
	 */
	non-sealed interface Enlisted extends Enlistment {

		/**
		 * Returns whether the transaction was there before, and is its owner's to end.
		 * @return {@code false} if it was begun for the record, and is to be ended here
		 */
		boolean isJoined();

		/**
		 * Returns whether the transaction can only be rolled back.
		 * @return whether somebody has asked for it
		 */
		boolean isRollbackOnly();

		/**
		 * Replaces the outcome of the record, and counts its expiry from now.
		 * @param outcome what retries get once the transaction is committed
		 * @throws RuntimeException if that failed; the transaction is to be rolled back
		 */
		void complete(Outcome outcome);

		/**
		 * Takes the record out of the transaction, so that its key is free if the
		 * transaction is committed, too.
		 * @throws RuntimeException if that failed; the transaction is to be rolled back
		 */
		void release();

		/**
		 * Commits the transaction that was begun for the record. One that was joined goes
		 * on, and its owner commits the record with it.
		 * @throws RuntimeException what the application's transaction manager throws
		 */
		void commit();

		/**
		 * Rolls back the transaction that was begun for the record. One that was joined
		 * goes on, but can only be rolled back.
		 * @throws RuntimeException what the application's transaction manager throws
		 */
		void rollback();

	}

	/**
	 * The record is not free. A transaction that was begun for it has ended, and one that
	 * was joined is as it was before.
	 *
	 * @param acquisition what is there: {@link Acquisition.Completed},
	 * {@link Acquisition.Abandoned}, {@link Acquisition.Resumable} or
	 * {@link Acquisition.InProgress}; the last without a fingerprint to compare if the
	 * record is in another transaction
	 */
	record Present(Acquisition acquisition) implements Enlistment {
	}

}
