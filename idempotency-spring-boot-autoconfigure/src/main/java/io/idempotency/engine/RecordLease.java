package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.TransactionalIdempotencyStore.Transaction;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * The lease of the record that one request claims. It is acquired, renewed until the
 * request has ended, acquired again if it has lapsed or the store has lost it, and given
 * back.
 */
final class RecordLease {

	private static final Log logger = LogFactory.getLog(RecordLease.class);

	private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

	private static final int PAUSE_FACTOR = 5;

	private final StoreLink link;

	private final Claim claim;

	private final Lease lease;

	private final LeaseTerms terms;

	private final EngineSettings settings;

	private final AtomicReference<ExecutionState> state;

	private final KnownSteps steps;

	private final long thirdNanos;

	private final long began;

	private volatile long heldSince;

	private volatile long fencingToken;

	private volatile boolean lost;

	private volatile boolean toldOfLapse;

	private volatile Scheduling.@Nullable Timer soon;

	/**
	 * Creates a lease that is not held yet.
	 * @param state whether the request has ended
	 */
	RecordLease(StoreLink link, Claim claim, LeaseTerms terms, EngineSettings settings,
			AtomicReference<ExecutionState> state) {
		this.link = link;
		this.claim = claim;
		this.lease = Lease.of(claim.key());
		this.terms = terms;
		this.settings = settings;
		this.state = state;
		this.steps = new KnownSteps(link.store(), claim, this.lease);
		this.thirdNanos = terms.duration().toNanos() / 3;
		this.began = link.nanoTime();
		this.heldSince = this.began;
	}

	Lease lease() {
		return this.lease;
	}

	LeaseTerms terms() {
		return this.terms;
	}

	KnownSteps steps() {
		return this.steps;
	}

	long fencingToken() {
		return this.fencingToken;
	}

	Acquisition acquire() {
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
			this.steps.startWith(acquired.steps());
			if (isLate(this.began)) {
				if (!this.link.store().renew(this.lease, this.terms)) {
					throw new IllegalStateException("The store answered after the lease had lapsed");
				}
				heldSince(asked);
			}
		}
		return acquisition;
	}

	/**
	 * Returns whether more than a third of the lease has passed since the given time.
	 */
	boolean isLate(long asked) {
		return this.link.nanoTime() - asked > this.thirdNanos;
	}

	/**
	 * Returns when half of the lease will have passed from now on.
	 */
	long halfFromNow() {
		return this.link.nanoTime() + this.terms.duration().toNanos() / 2;
	}

	/**
	 * Has the lease renewed from now on.
	 */
	void keep() {
		this.link.leases().keep(this);
	}

	/**
	 * Has the lease renewed no more, and cancels what was to run {@linkplain #runSoon
	 * soon}.
	 */
	void drop() {
		Scheduling.Timer timer = this.soon;
		if (timer != null) {
			timer.cancel();
		}
		this.link.leases().drop(this);
	}

	/**
	 * Runs an action after a third of the lease, unless the lease is dropped or lost
	 * before.
	 */
	void runSoon(Runnable action) {
		this.soon = this.link.schedule(Duration.ofNanos(this.thirdNanos), action);
	}

	/**
	 * Returns whether the lease is held, as far as this instance knows: the store has
	 * confirmed it, and it has not lapsed since then.
	 */
	boolean isHeld() {
		return !this.lost && this.link.nanoTime() - this.heldSince < this.terms.duration().toNanos();
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
	 * Returns whether it is known that the lease cannot be held again.
	 */
	boolean isLost() {
		return this.lost;
	}

	/**
	 * Returns whether the lease has to be renewed. If the handler has run for longer than
	 * the maximum lease, this method gives up the lease.
	 */
	boolean mayBeRenewed() {
		Duration most = this.settings.maxLease();
		if (isWanted() && most != null && this.link.nanoTime() - this.began > most.toNanos()) {
			lose("its handler has run for longer than idempotency.max-lease, so the lease is not renewed any more");
		}
		return isWanted();
	}

	private boolean isWanted() {
		return isOpen() && !this.lost;
	}

	private boolean isOpen() {
		return this.state.get() == ExecutionState.RUNS;
	}

	void renewalFailed(Throwable failure) {
		logger.debug("The lease of record " + this.lease.key() + " could not be renewed", failure);
		if (!isHeld() && isOpen() && !this.toldOfLapse && !this.link.health().isAway()) {
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
		if (!this.steps.lock().tryLock()) {
			return;
		}
		try {
			if (isWanted()) {
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
			this.steps.lock().unlock();
		}
	}

	/**
	 * Acquires the record again. If another request has taken steps in the meantime, the
	 * record is released, so that a later request can continue after these steps. The
	 * caller holds the lock of the steps.
	 */
	Acquisition acquireUnchanged() {
		Acquisition acquisition = acquire();
		if (!(acquisition instanceof Acquisition.Acquired acquired)) {
			return acquisition;
		}
		if (this.state.get() == ExecutionState.RELEASED) {
			// The request ended while the record was being acquired.
			release();
			return acquisition;
		}
		if (this.steps.haveStayed(acquired.steps())) {
			return this.steps.restored() ? acquisition : new Acquisition.Removed();
		}
		this.lost = true;
		release();
		return new Acquisition.Resumable(this.claim.fingerprint());
	}

	/**
	 * Gives up the lease while the handler runs.
	 */
	void lose(String reason) {
		this.lost = true;
		drop();
		if (isOpen()) {
			logger.warn("The lease of record " + this.lease.key() + " is lost while its handler still runs: " + reason);
		}
	}

	LeaseLostException lostException() {
		return new LeaseLostException(this.lease);
	}

	/**
	 * Returns why the record could not be acquired again.
	 */
	static String reason(Acquisition acquisition) {
		return (acquisition instanceof Acquisition.Removed) ? "the record was removed"
				: "another request has taken it over";
	}

	/**
	 * Completes the record.
	 * @return {@code false} if the lease is not held
	 */
	boolean complete(Outcome outcome) {
		return this.link.store().complete(this.lease, outcome, this.claim.expiry());
	}

	/**
	 * Completes the record and commits the transaction.
	 * @return {@code false} if the lease is not held; the transaction is rolled back
	 */
	boolean commit(Transaction transaction, Outcome outcome) {
		return this.link.store().commit(transaction, this.lease, outcome, this.claim.expiry());
	}

	/**
	 * Releases the record and commits the transaction.
	 * @return {@code false} if the lease is not held; the transaction is rolled back
	 */
	boolean commitReleased(Transaction transaction) {
		return this.link.store().commitReleased(transaction, this.lease);
	}

	/**
	 * Releases the record.
	 */
	void release() {
		this.link.settlement().settle(releasing("release a claim"));
	}

	/**
	 * Releases a claim at once, if the store answered but the handler will not run.
	 * Otherwise the claim would block retries.
	 */
	void withdraw() {
		this.link.settlement().settle(releasing("withdraw a claim"));
	}

	/**
	 * Releases a claim in the background.
	 */
	void withdrawLater() {
		this.link.settlement().settleLater(releasing("withdraw a claim"));
	}

	/**
	 * Releases a claim whose answer was lost, in the background. The store may execute
	 * the claim later than the release, so the release is sent again a few times, after
	 * longer and longer pauses.
	 */
	void withdrawUnanswered() {
		withdrawLater();
		withdrawAgain(FIRST_PAUSE, releaseUntil());
	}

	private void withdrawAgain(Duration pause, long end) {
		if (this.link.nanoTime() + pause.toNanos() - end < 0) {
			this.link.schedule(pause, () -> {
				this.link.store().releaseIfPossible(this.lease);
				withdrawAgain(pause.multipliedBy(PAUSE_FACTOR), end);
			});
		}
	}

	private PendingEnd releasing(String purpose) {
		long deadline = releaseUntil();
		return new PendingEnd(purpose, this.lease.key(), null, (nothing) -> this.link.store().release(this.lease),
				() -> {
				}, deadline, deadline);
	}

	/**
	 * Returns until when the release of a claim is tried. Normally this is until the
	 * lease has lapsed, because the key is free after that. If lapsed leases are not
	 * taken over, the record would block the key until it expires, so the release is
	 * tried for longer.
	 */
	private long releaseUntil() {
		Duration duration = this.terms.duration();
		Duration retention = this.settings.outcomeRetention();
		boolean blocks = this.terms.abandonedExpiry() != null && retention.compareTo(duration) > 0;
		return this.link.nanoTime() + (blocks ? retention : duration).toNanos();
	}

}
