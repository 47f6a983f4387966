package io.idempotency.jdbc;

import java.util.Map;

import io.idempotency.store.Enlistment.Enlisted;
import io.idempotency.store.Expiry;
import io.idempotency.store.Lease;
import io.idempotency.store.Outcome;

import org.springframework.dao.IncorrectUpdateSemanticsDataAccessException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * A row that was written in a transaction which is not yet committed.
 */
final class EnlistedRow implements Enlisted {

	private final PlatformTransactionManager transactions;

	private final TransactionStatus status;

	private final JdbcIdempotencyStore store;

	private final Lease owner;

	private final Expiry expiry;

	/**
	 * Creates a row.
	 * @param owner a unique owner of the row; it does not hold a lease
	 */
	EnlistedRow(PlatformTransactionManager transactions, TransactionStatus status, JdbcIdempotencyStore store,
			Lease owner, Expiry expiry) {
		this.transactions = transactions;
		this.status = status;
		this.store = store;
		this.owner = owner;
		this.expiry = expiry;
		TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {

			@Override
			public void afterCompletion(int completion) {
				store.changed(owner.key());
			}

		});
	}

	@Override
	public boolean isJoined() {
		return !this.status.isNewTransaction();
	}

	@Override
	public boolean isRollbackOnly() {
		return this.status.isRollbackOnly();
	}

	@Override
	public void complete(Outcome outcome) {
		Map<String, Object> parameters = this.store.parameters(this.owner, outcome, this.expiry);
		require(this.store.database()
			.inTransaction((jdbc, statements) -> jdbc.sql(statements.completeEnlisted()).params(parameters).update()));
	}

	@Override
	public void release() {
		Map<String, Object> parameters = RecordParameters.of(this.owner);
		require(this.store.database()
			.inTransaction((jdbc, statements) -> jdbc.sql(statements.releaseEnlisted()).params(parameters).update()));
	}

	/**
	 * Checks that the row is still there. It is missing if the work of the transaction
	 * has rolled back to a savepoint before the row was written.
	 */
	private void require(int rows) {
		if (rows != 1) {
			throw new IncorrectUpdateSemanticsDataAccessException("The record " + this.owner.key()
					+ " is not in the transaction any more, because its work has rolled it back");
		}
	}

	@Override
	public void commit() {
		this.transactions.commit(this.status);
	}

	/**
	 * Rolls back the transaction, or marks a joined one for rollback. It is marked
	 * explicitly, because what a transaction manager does when a participant fails
	 * depends on its settings.
	 */
	@Override
	public void rollback() {
		if (!this.status.isCompleted()) {
			this.status.setRollbackOnly();
			this.transactions.rollback(this.status);
		}
	}

}
