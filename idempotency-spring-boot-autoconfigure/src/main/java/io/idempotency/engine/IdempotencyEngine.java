package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.store.Acquisition;
import io.idempotency.store.EnlistTerms;
import io.idempotency.store.Enlistment;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.NotAcknowledgedException;
import io.idempotency.store.Outcome;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResult;
import io.idempotency.store.TransactionalIdempotencyStore;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * Decides with one call of the store how a request with a key is handled.
 */
public final class IdempotencyEngine implements AutoCloseable {

	private static final Duration LAST_TRIES = Duration.ofSeconds(2);

	private final EngineSettings settings;

	private final IdempotencyListeners listeners;

	private final StoreObserver observer;

	private final Scheduling scheduling;

	private final AtomicInteger leases = new AtomicInteger();

	private final ConcurrentMap<IdempotencyStore, StoreLink> links = new ConcurrentHashMap<>();

	private final WaitingRequests waiting;

	/**
	 * Creates an engine.
	 * @param settings the settings for leases, outcomes and waiting requests
	 * @param listeners are notified of the ends of first requests
	 * @param observer observes the calls to stores
	 */
	public IdempotencyEngine(EngineSettings settings, IdempotencyListeners listeners, StoreObserver observer) {
		this(settings, listeners, observer, new BackgroundThreads());
	}

	IdempotencyEngine(EngineSettings settings, IdempotencyListeners listeners, StoreObserver observer,
			Scheduling scheduling) {
		this.settings = settings;
		this.listeners = listeners;
		this.observer = observer;
		this.scheduling = scheduling;
		this.waiting = new WaitingRequests(settings, scheduling);
	}

	/**
	 * Claims the record of a key, or finds out why it cannot be claimed.
	 * @param claim the claim of the request
	 * @return how the request is to be handled
	 */
	public Attempt begin(Claim claim) {
		StoreLink link = link(claim.store());
		LeaseTerms terms = new LeaseTerms(this.settings.leaseDuration(),
				this.settings.takeOverAbandoned() ? null : claim.expiry());
		Execution execution = new Execution(link, claim, terms, this.settings, new Execution.Observer() {

			@Override
			public void ended(RequestOutcome outcome) {
				IdempotencyEngine.this.ended(claim, outcome);
			}

			@Override
			public void stepped(String step, boolean resumed) {
				IdempotencyEngine.this.listeners
					.onStep(new StepEvent(claim.key(), claim.operation(), claim.entry(), step, resumed));
			}

		});
		Acquisition acquisition;
		try {
			acquisition = link.health().ask(execution.lease()::acquireInTime);
		}
		catch (UnreadableRecordException ex) {
			// The record may have been acquired although its steps cannot be read.
			execution.lease().withdraw();
			return new Attempt.RecordUnreadable(ex);
		}
		catch (StoreAwayException ex) {
			return unavailable(link, ex);
		}
		catch (NotAcknowledgedException ex) {
			execution.lease().withdraw();
			return new Attempt.StoreUnavailable(ex);
		}
		catch (RuntimeException ex) {
			execution.lease().withdrawUnanswered();
			return unavailable(link, ex);
		}
		return attempt(claim, execution, acquisition);
	}

	private static Attempt unavailable(StoreLink link, RuntimeException ex) {
		link.health().report().refused();
		return new Attempt.StoreUnavailable(ex);
	}

	private Attempt attempt(Claim claim, Execution execution, Acquisition acquisition) {
		if (acquisition instanceof Acquisition.Acquired) {
			this.leases.incrementAndGet();
			execution.lease().keep();
			if (!execution.steps().isEmpty()) {
				this.listeners.onResumed(
						new ResumedAttempt(claim.key(), claim.operation(), claim.entry(), execution.steps().size()));
			}
			return new Attempt.Proceed(execution);
		}
		return refusal(claim, acquisition);
	}

	/**
	 * Writes the record of a key in the transaction of the calling thread, or in a new
	 * one, or finds out why it cannot be written. There is no lease. The store is called
	 * even if it is known to be away, because the work needs the same database.
	 * @param claim the claim of the call; its store is a
	 * {@link TransactionalIdempotencyStore}
	 * @param outcome the outcome that later calls get, unless it is replaced
	 * @param atMost how long to wait for another transaction that has written the record
	 * @return how the call is to be handled
	 * @throws RuntimeException if the call has joined a transaction, and that has failed
	 */
	public Attempt enlist(Claim claim, Outcome outcome, Duration atMost) {
		TransactionalIdempotencyStore store = (TransactionalIdempotencyStore) claim.store();
		EnlistTerms terms = new EnlistTerms(claim.expiry(), this.settings.takeOverAbandoned(), atMost);
		boolean joins = store.isInTransaction();
		Enlistment enlistment;
		try {
			enlistment = enlist(store, claim, outcome, terms);
		}
		catch (UnreadableRecordException ex) {
			return new Attempt.RecordUnreadable(ex);
		}
		catch (RuntimeException ex) {
			if (joins) {
				throw ex;
			}
			return new Attempt.StoreUnavailable(ex);
		}
		return (enlistment instanceof Enlistment.Present present) ? refusal(claim, present.acquisition())
				: new Attempt.Enlisted(new ObservedEnlisted((Enlistment.Enlisted) enlistment, store, this.observer));
	}

	/**
	 * Enlists the record. If the observer throws an exception after the transaction has
	 * begun, the transaction is rolled back.
	 */
	private Enlistment enlist(TransactionalIdempotencyStore store, Claim claim, Outcome outcome, EnlistTerms terms) {
		AtomicReference<Enlistment> enlistment = new AtomicReference<>();
		try {
			return this.observer.observe(store, StoreOperation.ENLIST, () -> {
				Enlistment answer = store.enlist(claim.key(), claim.fingerprint(), outcome, terms);
				enlistment.set(answer);
				return answer;
			});
		}
		catch (RuntimeException | Error ex) {
			if (enlistment.get() instanceof Enlistment.Enlisted enlisted) {
				enlisted.rollback();
			}
			throw ex;
		}
	}

	private Attempt refusal(Claim claim, Acquisition acquisition) {
		if (acquisition instanceof Acquisition.InProgress inProgress) {
			return inProgress.fingerprint().matches(claim.fingerprint()) ? new Attempt.InProgress()
					: new Attempt.KeyReused();
		}
		if (acquisition instanceof Acquisition.Resumable resumable) {
			return resumable.fingerprint().matches(claim.fingerprint()) ? new Attempt.Resumable()
					: new Attempt.KeyReused();
		}
		this.waiting.ended(claim.store(), claim.key());
		if (acquisition instanceof Acquisition.Completed completed) {
			return completed.fingerprint().matches(claim.fingerprint()) ? replay(completed) : new Attempt.KeyReused();
		}
		if (acquisition instanceof Acquisition.Abandoned abandoned) {
			return abandoned.fingerprint().matches(claim.fingerprint()) ? new Attempt.OutcomeUnknown()
					: new Attempt.KeyReused();
		}
		throw new IllegalStateException("The store says that a new lease was removed: " + claim.key());
	}

	private StoreLink link(IdempotencyStore store) {
		StoreLink known = this.links.get(store);
		return (known != null) ? known : this.links.computeIfAbsent(store,
				(newStore) -> new StoreLink(newStore, this.observer, this.settings, this.scheduling));
	}

	private void ended(Claim claim, RequestOutcome outcome) {
		this.leases.decrementAndGet();
		this.listeners.onRequest(new IdempotencyEvent(outcome, claim.key(), claim.operation(), claim.entry()));
	}

	private static Attempt replay(Acquisition.Completed completed) {
		if (completed.outcome() instanceof StoredResponse response) {
			return new Attempt.Replay(response);
		}
		if (completed.outcome() instanceof StoredResult result) {
			return new Attempt.Result(result);
		}
		return new Attempt.ResponseNotStored();
	}

	/**
	 * Waits until a record may have changed, without blocking a thread. The caller then
	 * calls {@link #begin} again. If several requests wait for one record, one of them at
	 * a time is woken, until the record has an outcome.
	 * @param claim the claim of the request
	 * @param atMost the maximum time to wait; the wait may end earlier without a change
	 * @param bytes how many bytes of the request body are held during the wait
	 * @return what to wait for, or {@code null} if the limit of waiting requests is
	 * reached
	 */
	public @Nullable Waiting awaitChange(Claim claim, Duration atMost, long bytes) {
		return this.waiting.join(claim, atMost, bytes);
	}

	/**
	 * Returns how many leases this instance holds.
	 * @return the number of first requests that have not ended
	 */
	public int leasesHeld() {
		return this.leases.get();
	}

	/**
	 * Returns how many requests of this instance are waiting for a change.
	 * @return the number of waits that have not ended
	 */
	public int waiting() {
		return this.waiting.count();
	}

	/**
	 * Stops renewing leases, and tries a last time to store the outcomes that a store has
	 * not accepted, while the stores can still be used. Requests that have not ended keep
	 * their keys blocked until their leases lapse, because it is unknown what their
	 * handlers did. Later requests are handled again, for example after the application
	 * was paused.
	 */
	public void stop() {
		this.links.keySet().forEach((store) -> {
			StoreLink link = this.links.remove(store);
			if (link != null) {
				link.stop(LAST_TRIES);
			}
		});
	}

	@Override
	public void close() {
		stop();
		this.waiting.close();
	}

}
