package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Lock;

import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.NotAcknowledgedException;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoreFullException;
import io.idempotency.store.UnreadableRecordException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Holds what an engine needs for one store. Each store has threads of its own, so that a
 * store that hangs does not delay other stores.
 */
final class StoreLink {

	private static final Log logger = LogFactory.getLog(StoreLink.class);

	private static final int REPAIRING_THREADS = 4;

	private static final Duration PROBE_INTERVAL = Duration.ofMillis(250);

	private static final LeaseTerms PROBE_TERMS = new LeaseTerms(Duration.ofSeconds(1), null);

	/**
	 * How long requests are still refused after the store is back, while pending ends are
	 * sent to it.
	 */
	private static final Duration CATCHING_UP = Duration.ofMillis(500);

	private final GuardedStore store;

	private final StoreHealth health;

	private final LeaseKeeper leases;

	private final Settlement settlement;

	private final Scheduling scheduling;

	private final Scheduling.Lane renewals;

	private final Scheduling.Lane repairs;

	private final Scheduling.Lane probes;

	private final AtomicBoolean suspected = new AtomicBoolean();

	private final AtomicBoolean open = new AtomicBoolean(true);

	StoreLink(IdempotencyStore store, StoreObserver observer, EngineSettings settings, Scheduling scheduling) {
		this.scheduling = scheduling;
		this.renewals = scheduling.lane("renewal", 1);
		this.repairs = scheduling.lane("end", REPAIRING_THREADS);
		this.probes = scheduling.lane("probe", 1);
		this.health = new StoreHealth(store.toString(), scheduling, this::suspect, this::probeLater);
		this.store = new GuardedStore(store, observer, this.health);
		this.leases = new LeaseKeeper(this.store, settings.leaseDuration(), scheduling, this.renewals, this.repairs);
		this.settlement = new Settlement(this.health, settings, scheduling, this.repairs);
	}

	GuardedStore store() {
		return this.store;
	}

	StoreHealth health() {
		return this.health;
	}

	LeaseKeeper leases() {
		return this.leases;
	}

	Settlement settlement() {
		return this.settlement;
	}

	long nanoTime() {
		return this.scheduling.nanoTime();
	}

	void lock(Lock lock) {
		this.scheduling.lock(lock);
	}

	Scheduling.Timer schedule(Duration delay, Runnable task) {
		return this.repairs.schedule(delay, task);
	}

	/**
	 * Checks in the background whether a store that has failed answers at all.
	 */
	private void suspect() {
		if (this.suspected.compareAndSet(false, true)) {
			this.probes.schedule(Duration.ZERO, () -> {
				Throwable failure = failure();
				this.suspected.set(false);
				if (failure != null) {
					this.health.away(failure);
				}
				else {
					this.settlement.storeAnswers();
				}
			});
		}
	}

	private void probeLater() {
		this.probes.schedule(PROBE_INTERVAL, this::probe);
	}

	/**
	 * Checks whether the store accepts claims. If it does, the leases of running requests
	 * and the outcomes of ended requests are sent to it first, so that no retry runs
	 * before.
	 */
	private void probe() {
		Throwable failure = failure();
		if (failure != null) {
			logger.debug("The store does not answer yet: " + failure);
			probeLater();
			return;
		}
		try {
			this.leases.renewAll();
			this.settlement.settlePending(nanoTime() + CATCHING_UP.toNanos());
		}
		catch (RuntimeException | Error ex) {
			logger.debug("The store is back, but did not accept all leases and outcomes", ex);
		}
		this.health.back();
	}

	/**
	 * Claims and releases a random record that no request uses.
	 * @return the failure, or {@code null} if the store answers
	 */
	private @Nullable Throwable failure() {
		Lease probe = Lease.of(RecordKey.random());
		try {
			this.store.store().acquire(probe, Fingerprint.ANY, PROBE_TERMS);
			this.store.store().release(probe);
			return null;
		}
		catch (UnreadableRecordException | StoreFullException | NotAcknowledgedException ex) {
			// The store answers.
			return null;
		}
		catch (RuntimeException | Error ex) {
			return ex;
		}
	}

	/**
	 * Stops renewing leases, and sends pending ends a last time.
	 */
	void stop(Duration patience) {
		if (this.open.compareAndSet(true, false)) {
			this.renewals.close();
			this.settlement.lastTry(patience);
			this.probes.close();
			this.repairs.close();
		}
	}

	/**
	 * Returns whether requests that fail may still free their keys. After a stop, they
	 * count as interrupted, because it is unknown what they did.
	 */
	boolean isOpen() {
		return this.open.get();
	}

}
