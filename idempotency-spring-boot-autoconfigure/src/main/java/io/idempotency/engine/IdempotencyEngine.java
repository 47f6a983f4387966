package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.UnreadableRecordException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Decides what becomes of a request with a key, in one call of the store.
 */
public final class IdempotencyEngine implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(IdempotencyEngine.class);

	private static final Duration LAST_ATTEMPTS = Duration.ofSeconds(2);

	private final Duration leaseDuration;

	private final boolean takeOverAbandoned;

	private final IdempotencyListeners listeners;

	private final StoreObserver observer;

	private final AtomicInteger leases = new AtomicInteger();

	private final AtomicInteger waiting = new AtomicInteger();

	private final Background background = Background.start();

	/**
	 * Creates an engine.
	 * @param leaseDuration how long a lease lasts unless it is renewed, which happens
	 * three times in that time
	 * @param takeOverAbandoned whether a request runs when the one before it lost its
	 * lease without an end, instead of being refused
	 * @param listeners learn how first requests end
	 * @param observer watches the calls to stores
	 */
	public IdempotencyEngine(Duration leaseDuration, boolean takeOverAbandoned, IdempotencyListeners listeners,
			StoreObserver observer) {
		this.leaseDuration = leaseDuration;
		this.takeOverAbandoned = takeOverAbandoned;
		this.listeners = listeners;
		this.observer = observer;
	}

	/**
	 * Claims the record of a key, or finds out what is there.
	 * @param store where the record is
	 * @param key the record
	 * @param fingerprint what the request asks for
	 * @param expiry how long the outcome is kept once the request has ended
	 * @return what is to become of the request
	 */
	public Attempt begin(IdempotencyStore store, RecordKey key, Fingerprint fingerprint, Expiry expiry) {
		LeaseTerms terms = new LeaseTerms(this.leaseDuration, this.takeOverAbandoned ? null : expiry);
		Execution execution = new Execution(new ObservedStore(store, this.observer), Lease.of(key), fingerprint, terms,
				expiry, this.background, (outcome) -> ended(key, outcome));
		Acquisition acquisition;
		try {
			acquisition = execution.acquireInTime();
		}
		catch (UnreadableRecordException ex) {
			return new Attempt.RecordUnreadable(ex);
		}
		catch (RuntimeException ex) {
			execution.withdraw();
			return new Attempt.StoreUnavailable(ex);
		}
		if (acquisition instanceof Acquisition.Acquired) {
			this.leases.incrementAndGet();
			execution.keepLease();
			return new Attempt.Proceed(execution);
		}
		if (acquisition instanceof Acquisition.Completed completed) {
			return completed.fingerprint().matches(fingerprint) ? replay(completed) : new Attempt.KeyReused();
		}
		if (acquisition instanceof Acquisition.InProgress inProgress) {
			return inProgress.fingerprint().matches(fingerprint) ? new Attempt.InProgress() : new Attempt.KeyReused();
		}
		Acquisition.Abandoned abandoned = (Acquisition.Abandoned) acquisition;
		return abandoned.fingerprint().matches(fingerprint) ? new Attempt.OutcomeUnknown() : new Attempt.KeyReused();
	}

	private void ended(RecordKey key, RequestOutcome outcome) {
		this.leases.decrementAndGet();
		this.listeners.onRequest(new IdempotencyEvent(outcome, key));
	}

	private static Attempt replay(Acquisition.Completed completed) {
		if (completed.outcome() instanceof ResponseNotStored) {
			return new Attempt.ResponseNotStored();
		}
		return new Attempt.Replay((StoredResponse) completed.outcome());
	}

	/**
	 * Waits, without a thread, until a record may have changed; after that, and once at
	 * the beginning, {@link #begin} tells what it is. Cancelling ends the wait.
	 * @param store where the record is
	 * @param key the record
	 * @param atMost the longest wait; it may end earlier without a change
	 * @return completed when it is time to look
	 */
	public CompletableFuture<Void> awaitChange(IdempotencyStore store, RecordKey key, Duration atMost) {
		CompletableFuture<Void> change = new CompletableFuture<>();
		IdempotencyStore.Registration registration = register(store, key, () -> change.complete(null));
		Duration recheck = this.leaseDuration.dividedBy(3);
		long pause = ((atMost.compareTo(recheck) < 0) ? atMost : recheck).toMillis() + 1;
		Future<?> timer = this.background.timers().schedule(() -> change.complete(null), pause, TimeUnit.MILLISECONDS);
		this.waiting.incrementAndGet();
		change.whenComplete((nothing, cancelled) -> {
			this.waiting.decrementAndGet();
			registration.close();
			timer.cancel(false);
		});
		return change;
	}

	/**
	 * Returns how many leases this instance holds.
	 * @return the number of first requests that have not ended
	 */
	public int leasesHeld() {
		return this.leases.get();
	}

	/**
	 * Returns how many requests of this instance wait for a change.
	 * @return the number of waits that have not ended
	 */
	public int waiting() {
		return this.waiting.get();
	}

	private static IdempotencyStore.Registration register(IdempotencyStore store, RecordKey key, Runnable hint) {
		try {
			return store.onChange(key, hint);
		}
		catch (RuntimeException ex) {
			logger.warn("A waiting request will look at the record now and then, since the store cannot say when it"
					+ " changes: " + ex);
			return () -> {
			};
		}
	}

	/**
	 * Stops renewing leases, and gives the outcomes that the store did not take a last
	 * try.
	 */
	@Override
	public void close() {
		this.background.stop(LAST_ATTEMPTS);
	}

}
