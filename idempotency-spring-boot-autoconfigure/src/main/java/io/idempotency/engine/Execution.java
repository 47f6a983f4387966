package io.idempotency.engine;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

import io.idempotency.store.Acquisition;
import io.idempotency.store.CommitUnknownException;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredStep;
import io.idempotency.store.TransactionalIdempotencyStore;
import io.idempotency.store.TransactionalIdempotencyStore.Transaction;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Represents the first request of a key while its handler runs. It keeps the lease and
 * ends once, by {@link #complete}, {@link #release} or {@link #abandon}. These methods do
 * not throw exceptions: if the store fails, the end is tried again in the background.
 * <p>
 * In a {@linkplain #begin transaction}, it ends by {@link #commit} or
 * {@link #commitWithoutOutcome} instead, which do throw exceptions. After a
 * {@link #rollback}, it continues without the transaction.
 */
public final class Execution {

	private static final Log logger = LogFactory.getLog(Execution.class);

	private final StoreLink link;

	private final Claim claim;

	private final EngineSettings settings;

	private final Observer observer;

	private final AtomicReference<ExecutionState> state = new AtomicReference<>(ExecutionState.RUNS);

	private final RecordLease lease;

	private volatile boolean resumeFailed;

	private @Nullable Transaction transaction;

	Execution(StoreLink link, Claim claim, LeaseTerms terms, EngineSettings settings, Observer observer) {
		this.link = link;
		this.claim = claim;
		this.settings = settings;
		this.observer = observer;
		this.lease = new RecordLease(link, claim, terms, settings, this.state);
	}

	RecordLease lease() {
		return this.lease;
	}

	/**
	 * Returns whether this request holds the lease, as far as this instance knows: the
	 * store has confirmed the lease, and it has not lapsed since then.
	 * @return {@code false} if another request may have taken over the lease
	 */
	public boolean isLeaseHeld() {
		return this.lease.isHeld();
	}

	/**
	 * Returns the fencing token, a number that increases with each owner of the key.
	 * @return the token that the store gave with the lease
	 */
	public long fencingToken() {
		return this.lease.fencingToken();
	}

	/**
	 * Stores the outcome. When this method returns, one of these is true: the store has
	 * the outcome, or another request has taken over the lease and the outcome is
	 * dropped, or storing it is tried again in the background for as long as outcomes are
	 * retained.
	 * @param outcome what retries get
	 */
	public void complete(Outcome outcome) {
		if (end(ExecutionState.COMPLETED)) {
			this.link.settlement()
				.settle(new PendingEnd("store the outcome", this.claim.key(), outcome, this::store,
						() -> this.observer.ended(RequestOutcome.GIVEN_UP), this.lease.halfFromNow(),
						this.link.nanoTime() + this.settings.outcomeRetention().toNanos()));
		}
	}

	private void store(@Nullable Outcome outcome) {
		if (outcome == null) {
			throw new IllegalArgumentException("There is no outcome");
		}
		boolean stored = this.lease.complete(outcome);
		if (!stored) {
			Acquisition acquisition = this.lease.acquire();
			stored = acquisition instanceof Acquisition.Acquired && this.lease.complete(outcome);
			if (!stored) {
				logger.warn("The outcome of record " + this.claim.key() + " is not stored, and its handler may have run"
						+ " twice: " + RecordLease.reason(acquisition));
			}
		}
		this.observer.ended(stored ? outcomeOf(outcome) : RequestOutcome.LEASE_LOST);
	}

	private static RequestOutcome outcomeOf(Outcome outcome) {
		return (outcome instanceof ResponseNotStored) ? RequestOutcome.NOT_STORED : RequestOutcome.FIRST;
	}

	/**
	 * Returns the steps that earlier attempts have stored.
	 * @return the steps, ordered by position
	 */
	public List<StoredStep> steps() {
		return this.lease.steps().earlier();
	}

	/**
	 * Records that the handler was given the result of one of the stored steps.
	 * @param step the step
	 */
	public void resumed(StoredStep step) {
		this.observer.stepped(step.name(), true);
	}

	/**
	 * Records that the handler cannot continue after the stored steps.
	 */
	public void resumeFailed() {
		this.resumeFailed = true;
	}

	/**
	 * Stores a step with the record. If the lease has lapsed and no other request has
	 * run, the lease is acquired again.
	 * @param step the step
	 * @throws LeaseLostException if another request took the lease over
	 * @throws RuntimeException if the store does not answer
	 */
	public void storeStep(StoredStep step) {
		KnownSteps steps = this.lease.steps();
		this.link.lock(steps.lock());
		try {
			if (this.lease.isLost() || !isOpen()) {
				throw this.lease.lostException();
			}
			if (!steps.store(step)) {
				Acquisition acquisition = this.lease.acquireUnchanged();
				if (!(acquisition instanceof Acquisition.Acquired) || !steps.store(step)) {
					throw lost(RecordLease.reason(acquisition));
				}
			}
		}
		finally {
			steps.lock().unlock();
		}
		this.observer.stepped(step.name(), false);
	}

	private LeaseLostException lost(String reason) {
		this.lease.lose(reason);
		return this.lease.lostException();
	}

	/**
	 * Begins a transaction for one step. The work of the calling thread joins it.
	 * @return the transaction
	 * @throws LeaseLostException if the lease is not held any more, for example because
	 * the thread had to wait for a long time
	 * @throws ClassCastException if the store has no transactions
	 * @throws RuntimeException if it cannot begin
	 */
	public StepTransaction beginStep() {
		AtomicReference<Transaction> begun = new AtomicReference<>();
		try {
			this.link.store().begin(begun::set);
			if (!isOpen() || !isLeaseHeld()) {
				throw this.lease.lostException();
			}
		}
		catch (RuntimeException | Error ex) {
			Transaction transaction = begun.get();
			if (transaction != null) {
				transaction.rollback();
			}
			throw ex;
		}
		return new StepTransaction(this, Objects.requireNonNull(begun.get()));
	}

	/**
	 * Returns whether the calling thread is in a transaction of the store's database.
	 * @return {@code false} if the store has no transactions
	 */
	public boolean isInTransactionOfStore() {
		return this.claim.store() instanceof TransactionalIdempotencyStore transactions
				&& transactions.isInTransaction();
	}

	void commit(Transaction transaction, StoredStep step) {
		KnownSteps steps = this.lease.steps();
		this.link.lock(steps.lock());
		try {
			if (this.lease.isLost() || !steps.commit(transaction, step)) {
				throw lost("its record was removed or belongs to another request");
			}
		}
		finally {
			steps.lock().unlock();
		}
		this.observer.stepped(step.name(), false);
	}

	/**
	 * Ends the request without an outcome. The key is free, as if there had been no
	 * request, but stored steps are kept. If the engine has stopped, the request counts
	 * as interrupted and its key is {@linkplain #abandon abandoned} instead.
	 */
	public void release() {
		if (this.state.compareAndSet(ExecutionState.NOT_COMMITTED, ExecutionState.RELEASED)) {
			this.lease.release();
		}
		else if (!this.link.isOpen()) {
			abandon();
		}
		else if (end(ExecutionState.RELEASED)) {
			this.observer.ended(this.resumeFailed ? RequestOutcome.RESUME_FAILED : RequestOutcome.NOT_STORED);
			this.lease.release();
		}
	}

	/**
	 * Ends the request without changing the record, if it is unknown whether the handler
	 * still runs. The lease is not renewed any more. The key is blocked until the lease
	 * lapses.
	 */
	public void abandon() {
		if (end(ExecutionState.ABANDONED)) {
			this.observer.ended(RequestOutcome.ABANDONED);
			logger.warn("The request of record " + this.claim.key()
					+ " was interrupted while its handler may still run; the key is blocked until the lease lapses");
		}
	}

	/**
	 * Runs an action that ends this execution after a third of the lease, unless the
	 * execution ends or loses its lease before.
	 * @param end the action, which ends this execution
	 */
	public void endSoon(Runnable end) {
		this.lease.runSoon(end);
	}

	/**
	 * Runs an action that ends this execution on another thread, as soon as possible. A
	 * caller that holds a connection which the store may need must use this method.
	 * @param end the action, which ends this execution
	 */
	public void endInBackground(Runnable end) {
		this.link.schedule(Duration.ZERO, end);
	}

	/**
	 * Begins a transaction that the work of the calling thread joins and in which the
	 * record will be completed. It fails if the thread had to wait for a long time,
	 * because the lease may belong to another request by then.
	 * @throws ClassCastException if the store has no transactions
	 * @throws RuntimeException if the transaction cannot begin; the execution has then
	 * ended, and the key is released in the background
	 */
	public void begin() {
		long asked = this.link.nanoTime();
		try {
			this.link.store().begin((begun) -> this.transaction = begun);
			if (this.lease.isLate(asked)) {
				throw new IllegalStateException("The transaction began when the lease may have lapsed");
			}
		}
		catch (RuntimeException | Error ex) {
			rollback();
			if (end(ExecutionState.RELEASED)) {
				this.observer.ended(RequestOutcome.STORE_UNAVAILABLE);
				// In the background, because a pool that had no connection for the
				// handler has none for this either.
				this.lease.withdrawLater();
			}
			throw ex;
		}
	}

	/**
	 * Returns whether there is a transaction that has to be committed or rolled back.
	 * @return whether a transaction has begun and has not ended
	 */
	public boolean isInTransaction() {
		return this.transaction != null;
	}

	/**
	 * Returns whether the work has marked the transaction for rollback.
	 * @return whether a commit will fail
	 */
	public boolean isRollbackOnly() {
		return this.transaction != null && this.transaction.isRollbackOnly();
	}

	/**
	 * Rolls back the transaction, if there is one. The execution continues without it.
	 */
	public void rollback() {
		if (this.transaction != null) {
			this.transaction.rollback();
			this.transaction = null;
		}
	}

	/**
	 * Stores the outcome and commits the transaction.
	 * @param outcome what retries get
	 * @throws LeaseLostException if another request has taken over the lease; everything
	 * is rolled back. After this and any other exception, the caller must
	 * {@linkplain #release release} the key as soon as the calling thread holds no
	 * connection for its work any more
	 * @throws CommitUnknownException if it is unknown whether the transaction was
	 * committed
	 * @throws RuntimeException if everything is rolled back for another reason
	 */
	public void commit(Outcome outcome) {
		commit((transaction) -> this.lease.commit(transaction, outcome), outcomeOf(outcome));
	}

	/**
	 * Frees the key and commits the transaction. It throws the same exceptions as
	 * {@link #commit}.
	 */
	public void commitWithoutOutcome() {
		commit(this.lease::commitReleased, RequestOutcome.NOT_STORED);
	}

	/**
	 * Commits the transaction. If that fails, the caller must {@linkplain #release
	 * release} the key. After a commit, a release does nothing.
	 */
	private void commit(Predicate<Transaction> end, RequestOutcome success) {
		Transaction ending = this.transaction;
		if (ending == null) {
			throw new IllegalStateException("There is no transaction");
		}
		this.transaction = null;
		this.state.set(ExecutionState.NOT_COMMITTED);
		this.lease.drop();
		RequestOutcome outcome = RequestOutcome.COMMIT_FAILED;
		try {
			outcome = end.test(ending) ? success : RequestOutcome.ROLLED_BACK;
		}
		finally {
			// The observer may have thrown before the transaction was asked to end.
			ending.rollback();
			this.observer.ended(outcome);
			if (outcome == success) {
				this.state.set(ExecutionState.RELEASED);
			}
		}
		if (outcome == RequestOutcome.ROLLED_BACK) {
			throw this.lease.lostException();
		}
	}

	/**
	 * Returns whether the execution has not ended.
	 * @return whether {@link #complete} or {@link #release} still has to be called
	 */
	public boolean isOpen() {
		return this.state.get() == ExecutionState.RUNS;
	}

	private boolean end(ExecutionState how) {
		rollback();
		boolean first = this.state.compareAndSet(ExecutionState.RUNS, how);
		this.lease.drop();
		return first;
	}

	/**
	 * Is notified of the steps of a request and of its end.
	 */
	interface Observer {

		/**
		 * Called when the request has ended.
		 */
		void ended(RequestOutcome outcome);

		/**
		 * Called when a step was taken or resumed.
		 * @param resumed whether an earlier attempt has stored its result
		 */
		void stepped(String step, boolean resumed);

	}

}
