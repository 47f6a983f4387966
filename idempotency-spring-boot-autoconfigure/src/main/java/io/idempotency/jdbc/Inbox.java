package io.idempotency.jdbc;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

import io.idempotency.jdbc.Enlisting.Answer;
import io.idempotency.store.Acquisition;
import io.idempotency.store.EnlistTerms;
import io.idempotency.store.Enlistment;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Writes records in transactions of the application's transaction manager: in the
 * transaction of the calling thread, or in a new one if the thread has none.
 */
final class Inbox {

	private static final int MOST_ATTEMPTS = 20;

	private static final Duration LONGEST_PAUSE = Duration.ofMillis(2);

	private static final Duration LONGEST_WAIT = Duration.ofDays(1);

	private final PlatformTransactionManager transactions;

	private final JdbcIdempotencyStore store;

	Inbox(PlatformTransactionManager transactions, JdbcIdempotencyStore store) {
		this.transactions = transactions;
		this.store = store;
	}

	/**
	 * Returns whether the calling thread is in a transaction of the transaction manager.
	 * The transaction manager itself is asked, because the thread may be in a transaction
	 * of another one, in which the data source is used without a transaction.
	 */
	boolean isInTransaction() {
		if (!TransactionSynchronizationManager.isActualTransactionActive() || !hasConnection()) {
			return false;
		}
		TransactionStatus status = this.transactions
			.getTransaction(new DefaultTransactionDefinition(TransactionDefinition.PROPAGATION_SUPPORTS));
		boolean active = status.hasTransaction();
		this.transactions.commit(status);
		return active;
	}

	private boolean hasConnection() {
		return TransactionSynchronizationManager.hasResource(this.store.database().dataSource());
	}

	/**
	 * Enlists a record. If the database rolls back a new transaction because of a
	 * deadlock or a serialization failure, this is tried again in another one. That is
	 * safe because the work has not run yet.
	 */
	Enlistment enlist(RecordKey key, Fingerprint fingerprint, Outcome outcome, EnlistTerms terms) {
		Duration most = (terms.atMost().compareTo(LONGEST_WAIT) > 0) ? LONGEST_WAIT : terms.atMost();
		long end = System.nanoTime() + most.toNanos();
		Lease owner = Lease.of(key);
		Map<String, Object> parameters = this.store.parameters(owner, outcome, terms.expiry());
		parameters.put("fingerprint", fingerprint.hex());
		parameters.put("lock", Long.parseUnsignedLong(key.hex().substring(0, 16), 16));
		parameters.put("takeOver", terms.takeOverAbandoned() ? 1 : 0);
		for (int attempt = 1;; attempt++) {
			TransactionStatus status = join();
			try {
				Answer answer = enlist(parameters, end);
				if (answer.state() == Enlisting.State.ENLISTED) {
					return new EnlistedRow(this.transactions, status, this.store, owner, terms.expiry());
				}
				leave(status);
				return new Enlistment.Present(present(key, answer.row(), terms.takeOverAbandoned()));
			}
			catch (RuntimeException | Error ex) {
				rollback(status, ex);
				if (attempt == MOST_ATTEMPTS || !status.isNewTransaction() || !RecordDatabase.isToBeRepeated(ex)) {
					throw ex;
				}
			}
			LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE.toNanos() * attempt));
		}
	}

	private TransactionStatus join() {
		TransactionStatus status = this.transactions.getTransaction(new DefaultTransactionDefinition());
		if (!hasConnection()) {
			this.transactions.rollback(status);
			throw new IllegalStateException("The transaction manager " + this.transactions
					+ " does not manage transactions of the data source that contains the idempotency records");
		}
		return status;
	}

	private Answer enlist(Map<String, Object> parameters, long end) {
		for (int attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
			Duration left = Duration.ofNanos(Math.max(0, end - System.nanoTime()));
			Answer answer = this.store.database()
				.inTransaction(left, (jdbc, statements) -> statements.enlisting().enlist(jdbc, parameters, left));
			if (answer.state() != Enlisting.State.CHANGED) {
				return answer;
			}
		}
		throw new CannotAcquireLockException(
				"The transaction does not see the record, because it was committed after the transaction began");
	}

	private Acquisition present(RecordKey key, @Nullable RecordRow row, boolean takesOver) {
		return (row != null) ? row.acquisition(key, this.store.codec(), takesOver)
				: new Acquisition.InProgress(Fingerprint.ANY);
	}

	/**
	 * Ends a transaction in which nothing was written.
	 */
	private void leave(TransactionStatus status) {
		if (status.isNewTransaction()) {
			this.transactions.rollback(status);
		}
		else {
			this.transactions.commit(status);
		}
	}

	/**
	 * Rolls back a transaction after a statement has failed, because the state of the
	 * transaction is unknown.
	 */
	private void rollback(TransactionStatus status, Throwable cause) {
		if (status.isCompleted()) {
			return;
		}
		try {
			status.setRollbackOnly();
			this.transactions.rollback(status);
		}
		catch (RuntimeException | Error ex) {
			cause.addSuppressed(ex);
		}
	}

}
