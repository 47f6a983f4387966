package io.idempotency.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import io.idempotency.store.Acquisition;
import io.idempotency.store.CommitUnknownException;
import io.idempotency.store.Lease;
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

	private final Lease lease;

	private final LeaseTerms terms;

	private final EngineSettings settings;

	private final Observer observer;

	private final AtomicReference<State> state = new AtomicReference<>(State.RUNS);

	private final long began;

	private volatile long heldSince;

	private volatile long fencingToken;

	private volatile List<StoredStep> steps = List.of();

	/**
	 * The steps that the record contains, as far as this request knows.
	 */
	private final List<StoredStep> known = new CopyOnWriteArrayList<>();

	/**
	 * Held while the steps of the record are changed or compared with the known steps.
	 */
	private final Lock stepping = new ReentrantLock();

	/**
	 * A step that the store may or may not have stored, or {@code null}.
	 */
	private @Nullable StoredStep unconfirmed;

	/**
	 * Whether the store may have lost known steps.
	 */
	private boolean incomplete;

	private volatile boolean lost;

	private volatile boolean toldOfLapse;

	private volatile boolean resumeFailed;

	private @Nullable Transaction transaction;

	/**
	 * The timer that ends this execution if nothing else ends it.
	 */
	private volatile Scheduling.@Nullable Timer soon;

	Execution(StoreLink link, Claim claim, LeaseTerms terms, EngineSettings settings, Observer observer) {
		this.link = link;
		this.claim = claim;
		this.lease = Lease.of(claim.key());
		this.terms = terms;
		this.settings = settings;
		this.observer = observer;
		this.began = link.nanoTime();
		this.heldSince = this.began;
	}

	Lease lease() {
		return this.lease;
	}

	LeaseTerms terms() {
		return this.terms;
	}

	private Acquisition acquire() {
		long asked = this.link.nanoTime();
		Acquisition acquisition = this.link.store().acquire(this.lease, this.claim.fingerprint(), this.terms);
		if (acquisition instanceof Acquisition.Acquired acquired) {
			this.fencingToken = acquired.fencingToken();
			heldSince(asked);
		}
		return acquisition;
	}

	/**
	 * Acquires the record for a handler that is about to run. If that took more than a
	 * third of the lease, the lease is renewed before the handler runs, because it may
	 * have lapsed.
	 */
	Acquisition acquireInTime() {
		Acquisition acquisition = acquire();
		long asked = this.link.nanoTime();
		if (acquisition instanceof Acquisition.Acquired acquired) {
			this.steps = acquired.steps();
			this.known.addAll(acquired.steps());
		}
		if (acquisition instanceof Acquisition.Acquired && isLate(this.began)) {
			if (!this.link.store().renew(this.lease, this.terms)) {
				throw new IllegalStateException("The store answered after the lease had lapsed");
			}
			heldSince(asked);
		}
		return acquisition;
	}

	/**
	 * Releases a claim in the background, if it is unknown whether the store has received
	 * it. A store that answers late may execute the claim after the caller has given up.
	 */
	void withdraw() {
		this.link.settlement().settleLater(releasing("withdraw a claim"));
	}

	/**
	 * Releases a claim at once, if the store answered but the handler will not run.
	 * Otherwise the claim would block retries.
	 */
	void withdrawNow() {
		this.link.settlement().settle(releasing("withdraw a claim"));
	}

	void keepLease() {
		this.link.leases().keep(this);
	}

	/**
	 * Returns whether this request holds the lease, as far as this instance knows: the
	 * store has confirmed the lease, and it has not lapsed since then.
	 * @return {@code false} if another request may have taken over the lease
	 */
	public boolean isLeaseHeld() {
		return !this.lost && this.link.nanoTime() - this.heldSince < this.terms.duration().toNanos();
	}

	/**
	 * Returns the fencing token, a number that increases with each owner of the key.
	 * @return the token that the store gave with the lease
	 */
	public long fencingToken() {
		return this.fencingToken;
	}

	/**
	 * Records that the store has confirmed the lease.
	 * @param asked when the store was called
	 */
	void heldSince(long asked) {
		this.heldSince = asked;
	}

	boolean isHeldSinceBefore(long time) {
		return this.heldSince - time < 0;
	}

	/**
	 * Returns whether the lease has to be renewed. If the handler has run for longer than
	 * the maximum lease, this method gives up the lease.
	 */
	boolean mayBeRenewed() {
		Duration most = this.settings.maxLease();
		if (isOpen() && !this.lost && most != null && this.link.nanoTime() - this.began > most.toNanos()) {
			lose("its handler has run for longer than idempotency.max-lease, so the lease is not renewed any more");
		}
		return isOpen() && !this.lost;
	}

	void renewalFailed(Throwable failure) {
		logger.debug("The lease of record " + this.lease.key() + " could not be renewed", failure);
		if (!isLeaseHeld() && isOpen() && !this.toldOfLapse && !this.link.health().isAway()) {
			this.toldOfLapse = true;
			logger.warn("The lease of record " + this.lease.key()
					+ " may have lapsed while its handler runs, because the store could not renew it: " + failure);
		}
	}

	/**
	 * Acquires the lease again after it has lapsed or the store has lost it. If the
	 * record is free, no other request has run in the meantime. This method does nothing
	 * while a step is being stored, because storing the step checks the lease as well.
	 */
	void acquireAgain() {
		if (!this.stepping.tryLock()) {
			return;
		}
		try {
			if (isOpen() && !this.lost) {
				Acquisition acquisition = acquireUnchanged();
				if (!(acquisition instanceof Acquisition.Acquired)) {
					lose(reason(acquisition));
				}
			}
		}
		catch (RuntimeException | Error ex) {
			renewalFailed(ex);
		}
		finally {
			this.stepping.unlock();
		}
	}

	/**
	 * Acquires the record again. If another request has taken steps in the meantime, the
	 * record is released, so that a later request can continue after these steps.
	 */
	private Acquisition acquireUnchanged() {
		Acquisition acquisition = acquire();
		if (!(acquisition instanceof Acquisition.Acquired acquired)) {
			return acquisition;
		}
		if (this.state.get() == State.RELEASED) {
			// The execution ended while the record was being acquired.
			this.link.settlement().settle(releasing("release a claim"));
			return acquisition;
		}
		if (acquired.steps().isEmpty()) {
			this.incomplete = !this.known.isEmpty();
			return restoresSteps() ? acquisition : new Acquisition.Removed();
		}
		if (isKnown(acquired.steps())) {
			return acquisition;
		}
		this.lost = true;
		this.link.settlement().settle(releasing("release a claim"));
		return new Acquisition.Resumable(this.claim.fingerprint());
	}

	/**
	 * Stores the known steps again if the store has lost the record with its steps,
	 * because the work of these steps must not run again.
	 */
	private boolean restoresSteps() {
		if (this.incomplete) {
			for (StoredStep step : this.known) {
				if (!this.link.store().storeStep(this.lease, step, this.claim.expiry())) {
					return false;
				}
			}
			this.incomplete = false;
		}
		return true;
	}

	/**
	 * Compares steps without their results, because a store need not keep results byte
	 * for byte.
	 */
	private boolean isKnown(List<StoredStep> steps) {
		List<StoredStep> perhaps = new ArrayList<>(this.known);
		if (this.unconfirmed != null) {
			add(this.unconfirmed, perhaps);
		}
		return areSame(steps, this.known) || areSame(steps, perhaps);
	}

	private static boolean areSame(List<StoredStep> some, List<StoredStep> others) {
		return some.size() == others.size() && IntStream.range(0, some.size())
			.allMatch((i) -> some.get(i).name().equals(others.get(i).name())
					&& some.get(i).takenAt().equals(others.get(i).takenAt()));
	}

	private static String reason(Acquisition acquisition) {
		return (acquisition instanceof Acquisition.Removed) ? "the record was removed"
				: "another request has taken it over";
	}

	private void lose(String reason) {
		this.lost = true;
		stopRenewing();
		if (isOpen()) {
			logger.warn("The lease of record " + this.lease.key() + " is lost while its handler still runs: " + reason);
		}
	}

	private void stopRenewing() {
		Scheduling.Timer end = this.soon;
		if (end != null) {
			end.cancel();
		}
		this.link.leases().drop(this);
	}

	/**
	 * Stores the outcome. When this method returns, one of these is true: the store has
	 * the outcome, or another request has taken over the lease and the outcome is
	 * dropped, or storing it is tried again in the background for as long as outcomes are
	 * retained.
	 * @param outcome what retries get
	 */
	public void complete(Outcome outcome) {
		if (end(State.COMPLETED)) {
			this.link.settlement()
				.settle(new PendingEnd("store the outcome", this.lease.key(), outcome, this::store,
						() -> this.observer.ended(RequestOutcome.GIVEN_UP),
						this.link.nanoTime() + this.settings.outcomeRetention().toNanos()));
		}
	}

	private void store(@Nullable Outcome outcome) {
		if (outcome == null) {
			throw new IllegalArgumentException("There is no outcome");
		}
		boolean stored = this.link.store().complete(this.lease, outcome, this.claim.expiry());
		if (!stored) {
			Acquisition acquisition = acquire();
			stored = acquisition instanceof Acquisition.Acquired
					&& this.link.store().complete(this.lease, outcome, this.claim.expiry());
			if (!stored) {
				logger.warn("The outcome of record " + this.lease.key() + " is not stored, and its handler may have run"
						+ " twice: " + reason(acquisition));
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
		return this.steps;
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
		this.link.lock(this.stepping);
		try {
			if (this.lost || !isOpen()) {
				throw new LeaseLostException(this.lease);
			}
			if (!storesStep(step)) {
				Acquisition acquisition = acquireUnchanged();
				if (!(acquisition instanceof Acquisition.Acquired) || !storesStep(step)) {
					throw lost(acquisition);
				}
			}
		}
		finally {
			this.stepping.unlock();
		}
		this.observer.stepped(step.name(), false);
	}

	private boolean storesStep(StoredStep step) {
		this.unconfirmed = step;
		boolean stored = restoresSteps() && this.link.store().storeStep(this.lease, step, this.claim.expiry());
		this.unconfirmed = null;
		if (stored) {
			add(step, this.known);
		}
		return stored;
	}

	/**
	 * Adds a step. It replaces the steps that have the same or a greater position.
	 */
	private static void add(StoredStep step, List<StoredStep> steps) {
		while (steps.size() > step.position()) {
			steps.remove(steps.size() - 1);
		}
		steps.add(step);
	}

	private LeaseLostException lost(Acquisition acquisition) {
		lose(reason(acquisition));
		return new LeaseLostException(this.lease);
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
				throw new LeaseLostException(this.lease);
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
		this.link.lock(this.stepping);
		try {
			this.unconfirmed = step;
			if (this.lost || !restoresSteps()
					|| !this.link.store().commit(transaction, this.lease, step, this.claim.expiry())) {
				lose("its record was removed or belongs to another request");
				throw new LeaseLostException(this.lease);
			}
			this.unconfirmed = null;
			add(step, this.known);
		}
		finally {
			this.stepping.unlock();
		}
		this.observer.stepped(step.name(), false);
	}

	/**
	 * Ends the request without an outcome. The key is free, as if there had been no
	 * request, but stored steps are kept. If the engine has stopped, the request counts
	 * as interrupted and its key is {@linkplain #abandon abandoned} instead.
	 */
	public void release() {
		if (this.state.compareAndSet(State.NOT_COMMITTED, State.RELEASED)) {
			this.link.settlement().settle(releasing("release a claim"));
		}
		else if (!this.link.isOpen()) {
			abandon();
		}
		else if (end(State.RELEASED)) {
			this.observer.ended(this.resumeFailed ? RequestOutcome.RESUME_FAILED : RequestOutcome.NOT_STORED);
			this.link.settlement().settle(releasing("release a claim"));
		}
	}

	/**
	 * Returns the release of a claim. Normally it is tried only until the lease has
	 * lapsed, because the key is free after that. If lapsed leases are not taken over,
	 * the record would block the key until it expires, so the release is tried for
	 * longer.
	 */
	private PendingEnd releasing(String purpose) {
		Duration lease = this.terms.duration();
		Duration retention = this.settings.outcomeRetention();
		boolean blocks = this.terms.abandonedExpiry() != null && retention.compareTo(lease) > 0;
		return new PendingEnd(purpose, this.lease.key(), null, (nothing) -> this.link.store().release(this.lease),
				() -> {
				}, this.link.nanoTime() + (blocks ? retention : lease).toNanos());
	}

	/**
	 * Ends the request without changing the record, if it is unknown whether the handler
	 * still runs. The lease is not renewed any more. The key is blocked until the lease
	 * lapses.
	 */
	public void abandon() {
		if (end(State.ABANDONED)) {
			this.observer.ended(RequestOutcome.ABANDONED);
			logger.warn("The request of record " + this.lease.key()
					+ " was interrupted while its handler may still run; the key is blocked until the lease lapses");
		}
	}

	/**
	 * Runs an action that ends this execution after a third of the lease, unless the
	 * execution ends or loses its lease before.
	 * @param end the action, which ends this execution
	 */
	public void endSoon(Runnable end) {
		this.soon = this.link.schedule(this.terms.duration().dividedBy(3), end);
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
			if (isLate(asked)) {
				throw new IllegalStateException("The transaction began when the lease may have lapsed");
			}
		}
		catch (RuntimeException | Error ex) {
			rollback();
			if (end(State.RELEASED)) {
				this.observer.ended(RequestOutcome.STORE_UNAVAILABLE);
				// In the background, because a pool that had no connection for the
				// handler has none for this either.
				withdraw();
			}
			throw ex;
		}
	}

	private boolean isLate(long asked) {
		return this.link.nanoTime() - asked > this.terms.duration().toNanos() / 3;
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
		commit((transaction) -> this.link.store().commit(transaction, this.lease, outcome, this.claim.expiry()),
				outcomeOf(outcome));
	}

	/**
	 * Frees the key and commits the transaction. It throws the same exceptions as
	 * {@link #commit}.
	 */
	public void commitWithoutOutcome() {
		commit((transaction) -> this.link.store().commitReleased(transaction, this.lease), RequestOutcome.NOT_STORED);
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
		this.state.set(State.NOT_COMMITTED);
		stopRenewing();
		RequestOutcome outcome = RequestOutcome.COMMIT_FAILED;
		try {
			outcome = end.test(ending) ? success : RequestOutcome.ROLLED_BACK;
		}
		finally {
			// The observer may have thrown before the transaction was asked to end.
			ending.rollback();
			this.observer.ended(outcome);
			if (outcome == success) {
				this.state.set(State.RELEASED);
			}
		}
		if (outcome == RequestOutcome.ROLLED_BACK) {
			throw new LeaseLostException(this.lease);
		}
	}

	/**
	 * Returns whether the execution has not ended.
	 * @return whether {@link #complete} or {@link #release} still has to be called
	 */
	public boolean isOpen() {
		return this.state.get() == State.RUNS;
	}

	private boolean end(State how) {
		rollback();
		boolean first = this.state.compareAndSet(State.RUNS, how);
		stopRenewing();
		return first;
	}

	/**
	 * Whether an execution still runs, or how it has ended.
	 */
	private enum State {

		RUNS, COMPLETED, RELEASED, ABANDONED, NOT_COMMITTED

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
