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
 * Decides what becomes of a request with a key, in one call of the store.
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
	 * @param settings how it keeps leases, outcomes and waiting requests
	 * @param listeners learn how first requests end
	 * @param observer watches the calls to stores
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
	 * Claims the record of a key, or finds out what is there.
	 * @param claim what the request asks for
	 * @return what is to become of the request
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
			acquisition = link.health().ask(execution::acquireInTime);
		}
		catch (UnreadableRecordException ex) {
			// It may have been acquired, and only its steps cannot be read.
			execution.withdrawNow();
			return new Attempt.RecordUnreadable(ex);
		}
		catch (StoreAwayException ex) {
			return unavailable(link, ex);
		}
		catch (NotAcknowledgedException ex) {
			execution.withdrawNow();
			return new Attempt.StoreUnavailable(ex);
		}
		catch (RuntimeException ex) {
			execution.withdraw();
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
			execution.keepLease();
			if (!execution.steps().isEmpty()) {
				this.listeners.onResumed(
						new ResumedAttempt(claim.key(), claim.operation(), claim.entry(), execution.steps().size()));
			}
			return new Attempt.Proceed(execution);
		}
		return refusal(claim, acquisition);
	}

	/**
	 * Enlists the record of a key in the transaction of the calling thread or in one that
	 * is begun for it, or finds out what is there. There is no lease. A database that is
	 * away is asked all the same: the work needs it, too.
	 * @param claim what the call asks for, of a {@link TransactionalIdempotencyStore}
	 * @param outcome what later calls get unless it is replaced
	 * @param atMost how long to wait for another transaction that has the record
	 * @return what is to become of the call
	 * @throws RuntimeException if a transaction that was joined failed
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
	 * The observer may throw when the transaction has begun.
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
	 * Waits, without a thread, until a record may have changed; after that {@link #begin}
	 * tells what it is. Of the requests that wait for one record, one looks at a time,
	 * until the record has an outcome.
	 * @param claim what the request asks for
	 * @param atMost the longest wait; it may end earlier without a change
	 * @param bytes what is held of the request's body meanwhile
	 * @return what to wait for, or {@code null} if as many requests wait as may
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
	 * Returns how many requests of this instance wait for a change.
	 * @return the number of waits that have not ended
	 */
	public int waiting() {
		return this.waiting.count();
	}

	/**
	 * Stops renewing leases, and gives the outcomes that the store did not take a last
	 * try, while stores can still be asked. Requests that have not ended lose their
	 * leases in time: their keys are not freed, since nobody knows what they did.
	 * Requests that come later begin anew, as after a pause of the application.
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
