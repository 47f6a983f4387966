package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;

import io.idempotency.store.Acquisition;
import io.idempotency.store.CommitUnknownException;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.TransactionalIdempotencyStore.Transaction;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The first request of a key while it runs: keeps its lease, and ends once, by
 * {@link #complete} or {@link #release}. Neither throws; what the store does not take at
 * once is tried again in the background for as long as the lease lasts.
 * <p>
 * In a {@linkplain #begin transaction}, it ends by {@link #commit} or
 * {@link #commitWithoutOutcome}, which do throw, unless {@link #rollback} takes it out of
 * the transaction before.
 */
public final class Execution {

	private static final Log logger = LogFactory.getLog(Execution.class);

	private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

	private final ObservedStore store;

	private final Lease lease;

	private final Fingerprint fingerprint;

	private final LeaseTerms terms;

	private final Expiry expiry;

	private final Background background;

	private final Consumer<RequestOutcome> onEnd;

	/**
	 * Held while the lease is renewed.
	 */
	private final Lock renewing = new ReentrantLock();

	private final AtomicBoolean ended = new AtomicBoolean();

	private @Nullable Transaction transaction;

	private volatile @Nullable Future<?> renewal;

	/**
	 * What is to end this execution if nobody else does.
	 */
	private volatile @Nullable Future<?> soon;

	Execution(ObservedStore store, Lease lease, Fingerprint fingerprint, LeaseTerms terms, Expiry expiry,
			Background background, Consumer<RequestOutcome> onEnd) {
		this.store = store;
		this.lease = lease;
		this.fingerprint = fingerprint;
		this.terms = terms;
		this.expiry = expiry;
		this.background = background;
		this.onEnd = onEnd;
	}

	Acquisition acquire() {
		return this.store.acquire(this.lease, this.fingerprint, this.terms);
	}

	/**
	 * Acquires the record for a handler that is about to run. An answer that took long is
	 * not believed: by now the lease may be another request's.
	 */
	Acquisition acquireInTime() {
		long asked = System.nanoTime();
		Acquisition acquisition = acquire();
		if (isLate(asked) && acquisition instanceof Acquisition.Acquired && !this.store.renew(this.lease, this.terms)) {
			throw new IllegalStateException("The store answered when the lease had lapsed");
		}
		return acquisition;
	}

	/**
	 * Releases a claim of which nobody knows whether the store got it: a store that
	 * answers late may carry it out after its caller has given up.
	 */
	void withdraw() {
		settleLater(new Retry(this.background.withdrawals(), "withdraw a claim", () -> this.store.release(this.lease),
				() -> {
				}, deadline()));
	}

	void keepLease() {
		long period = this.terms.duration().toMillis() / 3 + 1;
		this.renewal = this.background.renewals()
			.scheduleWithFixedDelay(this::renew, period, period, TimeUnit.MILLISECONDS);
	}

	private void renew() {
		this.renewing.lock();
		try {
			if (isOpen() && !this.store.renew(this.lease, this.terms) && isOpen() && !isFreeAgain()) {
				logger.warn("The lease of record " + this.lease.key()
						+ " is lost: another request has taken it over while this one still runs");
				stopRenewing();
			}
		}
		catch (RuntimeException | Error ex) {
			// Let out, it would end all further renewals.
			logger.warn("The lease of record " + this.lease.key() + " could not be renewed: " + ex);
		}
		finally {
			this.renewing.unlock();
		}
	}

	private void stopRenewing() {
		Future<?> end = this.soon;
		if (end != null) {
			end.cancel(false);
		}
		Future<?> running = this.renewal;
		if (running != null) {
			running.cancel(false);
		}
	}

	/**
	 * Claims a record again that lapsed, or that the store lost: if it is free, nobody
	 * else holds the key.
	 */
	private boolean isFreeAgain() {
		return acquire() instanceof Acquisition.Acquired;
	}

	/**
	 * Stores the outcome. When this returns, either the store has it, or another request
	 * took the lease over and the outcome is dropped, or it is tried again in the
	 * background.
	 * @param outcome what retries get
	 */
	public void complete(Outcome outcome) {
		if (end()) {
			settle("store an outcome", () -> this.onEnd.accept(complete(outcome, outcomeOf(outcome))),
					() -> this.onEnd.accept(RequestOutcome.NOT_STORED));
		}
	}

	private RequestOutcome complete(Outcome outcome, RequestOutcome success) {
		if (this.store.complete(this.lease, outcome, this.expiry)
				|| (isFreeAgain() && this.store.complete(this.lease, outcome, this.expiry))) {
			return success;
		}
		logger.warn("The outcome of record " + this.lease.key()
				+ " is not stored: another request has taken the lease over");
		return RequestOutcome.LEASE_LOST;
	}

	private static RequestOutcome outcomeOf(Outcome outcome) {
		return (outcome instanceof StoredResponse) ? RequestOutcome.FIRST : RequestOutcome.NOT_STORED;
	}

	/**
	 * Makes the key free, as if the request had not come.
	 */
	public void release() {
		if (end(RequestOutcome.NOT_STORED)) {
			settle("release a claim", () -> this.store.release(this.lease), () -> {
			});
		}
	}

	/**
	 * Leaves the record to its lease, which is renewed no more: for a handler of which
	 * nobody knows whether it still runs. The key is blocked until the lease lapses.
	 */
	public void abandon() {
		if (end(RequestOutcome.ABANDONED)) {
			logger.warn("The request of record " + this.lease.key()
					+ " was cut off while its handler may still run; the key is blocked until the lease lapses");
		}
	}

	/**
	 * Runs an end of this execution after a third of the lease, for the case that nobody
	 * else brings it about.
	 * @param end how it is to end
	 */
	public void endSoon(Runnable end) {
		this.soon = this.background.ends().schedule(end, this.terms.duration().toMillis() / 3, TimeUnit.MILLISECONDS);
	}

	/**
	 * Begins a transaction that the work of the calling thread joins, and in which the
	 * record is to end. One for which the thread had to wait long does not begin: by now
	 * the lease may be another request's.
	 * @throws ClassCastException if the store has no transactions
	 * @throws RuntimeException if it cannot begin; the execution has ended, and the key
	 * is free
	 */
	public void begin() {
		long asked = System.nanoTime();
		try {
			this.store.begin((begun) -> this.transaction = begun);
			if (isLate(asked)) {
				throw new IllegalStateException("The transaction began when the lease may have lapsed");
			}
		}
		catch (RuntimeException | Error ex) {
			rollback();
			if (end(RequestOutcome.STORE_UNAVAILABLE)) {
				// Not now: a pool that had no connection for the handler has none for
				// this.
				withdraw();
			}
			throw ex;
		}
	}

	private boolean isLate(long asked) {
		return System.nanoTime() - asked > this.terms.duration().toNanos() / 3;
	}

	/**
	 * Returns whether there is a transaction to commit or to roll back.
	 * @return whether one has begun and not ended
	 */
	public boolean isInTransaction() {
		return this.transaction != null;
	}

	/**
	 * Returns whether the work of the transaction asked for a rollback.
	 * @return whether a commit is bound to fail
	 */
	public boolean isRollbackOnly() {
		return this.transaction != null && this.transaction.isRollbackOnly();
	}

	/**
	 * Takes back the work of the transaction, if there is one. The execution goes on
	 * without it.
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
	 * @throws LeaseLostException if another request took the lease over; everything is
	 * rolled back
	 * @throws CommitUnknownException if nobody knows whether it was committed
	 * @throws RuntimeException if everything is rolled back for another reason
	 */
	public void commit(Outcome outcome) {
		commit((transaction) -> this.store.commit(transaction, this.lease, outcome, this.expiry), outcomeOf(outcome));
	}

	/**
	 * Makes the key free and commits the transaction, with the exceptions of
	 * {@link #commit}.
	 */
	public void commitWithoutOutcome() {
		commit((transaction) -> this.store.commitReleased(transaction, this.lease), RequestOutcome.NOT_STORED);
	}

	/**
	 * Does not wait for a renewal that is under way: that may be waiting for the
	 * connection that the transaction holds. What was not committed is released, which
	 * leaves alone what was.
	 */
	private void commit(Predicate<Transaction> end, RequestOutcome success) {
		Transaction ending = this.transaction;
		if (ending == null) {
			throw new IllegalStateException("There is no transaction");
		}
		this.transaction = null;
		this.ended.set(true);
		stopRenewing();
		RequestOutcome outcome = RequestOutcome.COMMIT_FAILED;
		try {
			outcome = end.test(ending) ? success : RequestOutcome.LEASE_LOST;
		}
		finally {
			// The observer may have thrown before the transaction was asked to end.
			ending.rollback();
			this.onEnd.accept(outcome);
			if (outcome != success) {
				awaitRenewal();
				settle("release a claim", () -> this.store.release(this.lease), () -> {
				});
			}
		}
		if (outcome == RequestOutcome.LEASE_LOST) {
			throw new LeaseLostException(this.lease);
		}
	}

	/**
	 * Returns whether the execution has not ended.
	 * @return whether {@link #complete} or {@link #release} is still due
	 */
	public boolean isOpen() {
		return !this.ended.get();
	}

	private boolean end(RequestOutcome outcome) {
		boolean first = end();
		if (first) {
			this.onEnd.accept(outcome);
		}
		return first;
	}

	private boolean end() {
		rollback();
		boolean first = this.ended.compareAndSet(false, true);
		stopRenewing();
		awaitRenewal();
		return first;
	}

	/**
	 * Returns when no renewal is under way that may claim the record again.
	 */
	private void awaitRenewal() {
		this.renewing.lock();
		this.renewing.unlock();
	}

	/**
	 * Takes a step that must not be lost because the store fails for a while.
	 * @param givenUp what to do when it has failed for as long as the lease lasts
	 */
	private void settle(String purpose, Runnable step, Runnable givenUp) {
		try {
			step.run();
		}
		catch (RuntimeException ex) {
			logger.warn("The store failed to " + purpose + " for record " + this.lease.key() + "; it is tried again: "
					+ ex);
			settleLater(new Retry(this.background.ends(), purpose, step, () -> {
				logger.warn("The store failed to " + purpose + " for record " + this.lease.key()
						+ " for as long as its lease lasts; given up");
				givenUp.run();
			}, deadline()));
		}
	}

	private long deadline() {
		return System.nanoTime() + this.terms.duration().toNanos();
	}

	private void settleLater(Retry retry) {
		long pause = Math.min(LONGEST_PAUSE.toMillis(), this.terms.duration().toMillis() / 10 + 1);
		retry.executor().schedule(() -> settleAgain(retry), pause, TimeUnit.MILLISECONDS);
	}

	private void settleAgain(Retry retry) {
		if (System.nanoTime() - retry.deadline() > 0) {
			retry.givenUp().run();
			return;
		}
		try {
			retry.step().run();
		}
		catch (RuntimeException | Error ex) {
			logger.debug("The store failed again to " + retry.purpose() + " for record " + this.lease.key(), ex);
			settleLater(retry);
		}
	}

	/**
	 * A step that is taken again until it succeeds.
	 */
	private record Retry(ScheduledExecutorService executor, String purpose, Runnable step, Runnable givenUp,
			long deadline) {
	}

}
