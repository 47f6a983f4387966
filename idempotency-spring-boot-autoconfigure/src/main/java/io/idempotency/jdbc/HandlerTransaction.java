package io.idempotency.jdbc;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;

import io.idempotency.store.CommitUnknownException;
import io.idempotency.store.Expiry;
import io.idempotency.store.Lease;
import io.idempotency.store.Outcome;
import io.idempotency.store.StoreUnavailableException;
import io.idempotency.store.StoredStep;
import io.idempotency.store.TransactionalIdempotencyStore.Transaction;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.Ordered;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessResourceException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * A transaction of the application's transaction manager that commits the handler's work
 * together with the record. The record is written last, so that the row is locked only
 * during the commit.
 */
final class HandlerTransaction implements Transaction {

	private static final Log logger = LogFactory.getLog(HandlerTransaction.class);

	private final PlatformTransactionManager transactions;

	private final TransactionStatus status;

	private final JdbcIdempotencyStore store;

	private HandlerTransaction(PlatformTransactionManager transactions, TransactionStatus status,
			JdbcIdempotencyStore store) {
		this.transactions = transactions;
		this.status = status;
		this.store = store;
	}

	static HandlerTransaction begin(PlatformTransactionManager transactions, JdbcIdempotencyStore store) {
		HandlerTransaction transaction = new HandlerTransaction(transactions, transactions
			.getTransaction(new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_REQUIRES_NEW)), store);
		if (!TransactionSynchronizationManager.hasResource(store.database().dataSource())) {
			transaction.rollback();
			throw new IllegalStateException("The transaction manager " + transactions
					+ " does not manage transactions of the data source that contains the idempotency records");
		}
		return transaction;
	}

	@Override
	public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		return end(lease, (jdbc, statements) -> this.store.completes(jdbc, statements, lease, outcome, expiry));
	}

	@Override
	public boolean release(Lease lease) {
		return end(lease, (jdbc, statements) -> JdbcIdempotencyStore.releases(jdbc, statements, lease));
	}

	@Override
	public boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
		return commit((jdbc, statements) -> this.store.storesStep(jdbc, statements, lease, step, expiry));
	}

	private boolean end(Lease lease, RecordDatabase.Step<Boolean> end) {
		boolean ended = commit(end);
		if (ended) {
			this.store.changed(lease.key());
		}
		return ended;
	}

	private boolean commit(RecordDatabase.Step<Boolean> last) {
		try {
			if (isRollbackOnly()) {
				throw new UnexpectedRollbackException("The work marked the transaction for rollback, but did not fail");
			}
			if (!takes(last)) {
				return false;
			}
			commit();
		}
		finally {
			rollback();
		}
		return true;
	}

	/**
	 * Commits the transaction. The transaction manager throws exceptions for failures
	 * before, during and after the commit. Only a synchronization is told whether the
	 * transaction was committed.
	 */
	private void commit() {
		CommitProgress progress = new CommitProgress();
		TransactionSynchronizationManager.registerSynchronization(progress);
		try {
			this.transactions.commit(this.status);
		}
		catch (RuntimeException ex) {
			if (progress.isCommitted()) {
				logger.warn("A transaction was committed, but an action after the commit failed", ex);
			}
			else {
				throw (progress.hasBegun() && isConnectionFailure(ex)) ? new CommitUnknownException(ex) : ex;
			}
		}
	}

	private boolean takes(RecordDatabase.Step<Boolean> last) {
		try {
			return this.store.database().inTransaction(last);
		}
		catch (RuntimeException ex) {
			throw isConnectionFailure(ex) ? new StoreUnavailableException(ex) : ex;
		}
	}

	/**
	 * Returns whether the connection broke. Otherwise, the database has refused the
	 * statement.
	 */
	private static boolean isConnectionFailure(RuntimeException ex) {
		return ex instanceof DataAccessResourceFailureException || ex instanceof RecoverableDataAccessException
				|| ex instanceof TransientDataAccessResourceException
				|| isConnectionCause(NestedExceptionUtils.getRootCause(ex));
	}

	/**
	 * Returns whether a cause says that the connection broke. SQL states of class 08 are
	 * connection exceptions (SQL:2016, part 2, 24.1). An error without a state does not
	 * come from the database, but from the pool, which has closed the connection.
	 */
	private static boolean isConnectionCause(@Nullable Throwable cause) {
		return cause instanceof IOException || cause instanceof SQLRecoverableException
				|| (cause instanceof SQLException ex
						&& (ex.getSQLState() == null || ex.getSQLState().startsWith("08")));
	}

	@Override
	public boolean isRollbackOnly() {
		return this.status.isRollbackOnly();
	}

	/**
	 * Rolls back the transaction unless it has ended.
	 */
	@Override
	public void rollback() {
		try {
			if (!this.status.isCompleted()) {
				this.transactions.rollback(this.status);
			}
		}
		catch (RuntimeException ex) {
			logger.debug("A transaction could not be rolled back, and ends with its connection: " + ex);
		}
	}

	/**
	 * Records how far a commit has proceeded.
	 */
	private static final class CommitProgress implements TransactionSynchronization {

		private boolean begun;

		private boolean committed;

		@Override
		public int getOrder() {
			return Ordered.LOWEST_PRECEDENCE;
		}

		/**
		 * Called last before the commit, because this synchronization has the lowest
		 * precedence.
		 */
		@Override
		public void beforeCommit(boolean readOnly) {
			this.begun = true;
		}

		@Override
		public void afterCompletion(int status) {
			this.committed = status == STATUS_COMMITTED;
		}

		boolean hasBegun() {
			return this.begun;
		}

		boolean isCommitted() {
			return this.committed;
		}

	}

}
