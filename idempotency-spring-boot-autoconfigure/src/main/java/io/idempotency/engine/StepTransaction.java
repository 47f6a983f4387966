package io.idempotency.engine;

import io.idempotency.store.CommitUnknownException;
import io.idempotency.store.StoredStep;
import io.idempotency.store.TransactionalIdempotencyStore.Transaction;

/**
 * The transaction of one step. The work of the calling thread joins it.
 */
public final class StepTransaction {

	private final Execution execution;

	private final Transaction transaction;

	StepTransaction(Execution execution, Transaction transaction) {
		this.execution = execution;
		this.transaction = transaction;
	}

	/**
	 * Stores the step with the record and commits the transaction.
	 * @param step the step whose work was done in the transaction
	 * @throws LeaseLostException if another request has taken over the lease; everything
	 * is rolled back
	 * @throws CommitUnknownException if it is unknown whether the transaction was
	 * committed
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
	 * Rolls back the work of the step. It does not throw exceptions, and does nothing if
	 * the transaction has ended.
	 */
	public void rollback() {
		this.transaction.rollback();
	}

}
