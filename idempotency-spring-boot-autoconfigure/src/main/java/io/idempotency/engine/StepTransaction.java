package io.idempotency.engine;

import io.idempotency.store.CommitUnknownException;
import io.idempotency.store.StoredStep;
import io.idempotency.store.TransactionalIdempotencyStore.Transaction;

/**
 * A transaction of one step, which the work of the calling thread joins.
 */
public final class StepTransaction {

	private final Execution execution;

	private final Transaction transaction;

	StepTransaction(Execution execution, Transaction transaction) {
		this.execution = execution;
		this.transaction = transaction;
	}

	/**
	 * Keeps the step with the record and commits.
	 * @param step the step whose work was done in the transaction
	 * @throws LeaseLostException if another request took the lease over; everything is
	 * rolled back
	 * @throws CommitUnknownException if nobody knows whether it was committed
	 * @throws RuntimeException if everything is rolled back for another reason
	 */
	public void commit(StoredStep step) {
		try {
			this.execution.commit(this.transaction, step);
		}
		finally {
			this.transaction.rollback();
		}
	}

	/**
	 * Takes the work of the step back. It does not throw, and does nothing to a
	 * transaction that has ended.
	 */
	public void rollback() {
		this.transaction.rollback();
	}

}
