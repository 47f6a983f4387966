package io.idempotency.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Renews the leases of all first requests of this instance in one store. At several
 * points during a lease, it renews the leases that were not renewed recently. It renews
 * all of them in one call, so that the response time of the store does not add up over
 * the leases.
 */
final class LeaseKeeper {

	private static final Log logger = LogFactory.getLog(LeaseKeeper.class);

	private static final int TICKS_PER_LEASE = 6;

	private static final int DUE_SHARE_OF_LEASE = 4;

	private final Set<Execution> kept = ConcurrentHashMap.newKeySet();

	private final AtomicBoolean ticking = new AtomicBoolean();

	private final GuardedStore store;

	private final Duration leaseDuration;

	private final Scheduling scheduling;

	private final Scheduling.Lane renewals;

	private final Scheduling.Lane repairs;

	/**
	 * Creates a keeper.
	 * @param renewals the threads that renew leases
	 * @param repairs the threads that acquire a lease again if the store has lost it
	 */
	LeaseKeeper(GuardedStore store, Duration leaseDuration, Scheduling scheduling, Scheduling.Lane renewals,
			Scheduling.Lane repairs) {
		this.store = store;
		this.leaseDuration = leaseDuration;
		this.scheduling = scheduling;
		this.renewals = renewals;
		this.repairs = repairs;
	}

	void keep(Execution execution) {
		this.kept.add(execution);
		tickLater();
	}

	void drop(Execution execution) {
		this.kept.remove(execution);
	}

	/**
	 * Renews all leases now, after the store was away. Leases that the store has lost are
	 * acquired again on the calling thread.
	 */
	void renewAll() {
		renew(this.kept, Runnable::run);
	}

	private void tickLater() {
		if (this.ticking.compareAndSet(false, true)) {
			this.renewals.schedule(this.leaseDuration.dividedBy(TICKS_PER_LEASE), this::tick);
		}
	}

	private void tick() {
		try {
			long due = this.scheduling.nanoTime() - this.leaseDuration.dividedBy(DUE_SHARE_OF_LEASE).toNanos();
			renew(this.kept.stream().filter((execution) -> execution.isHeldSinceBefore(due)).toList(),
					(repair) -> this.repairs.schedule(Duration.ZERO, repair));
		}
		catch (RuntimeException | Error ex) {
			logger.warn("Leases could not be renewed: " + ex);
		}
		this.ticking.set(false);
		if (!this.kept.isEmpty()) {
			tickLater();
		}
	}

	private void renew(Collection<Execution> executions, Executor repairs) {
		Map<LeaseTerms, List<Execution>> byTerms = executions.stream()
			.filter(Execution::mayBeRenewed)
			.sorted(Comparator.comparing((execution) -> execution.lease().key().hex()))
			.collect(Collectors.groupingBy(Execution::terms));
		byTerms.forEach((terms, sameTerms) -> renew(sameTerms, terms, repairs));
	}

	private void renew(List<Execution> executions, LeaseTerms terms, Executor repairs) {
		Map<Lease, Execution> byLease = new LinkedHashMap<>();
		executions.forEach((execution) -> byLease.put(execution.lease(), execution));
		long asked = this.scheduling.nanoTime();
		Map<Lease, CompletionStage<Boolean>> answers;
		try {
			answers = this.store.renewAll(byLease.keySet(), terms);
		}
		catch (RuntimeException ex) {
			this.store.health().suspect();
			executions.forEach((execution) -> execution.renewalFailed(ex));
			return;
		}
		answers.forEach((lease, answer) -> {
			Execution execution = byLease.get(lease);
			if (execution != null) {
				answer.whenComplete((held, ex) -> answered(execution, asked, held, ex, repairs));
			}
		});
	}

	private void answered(Execution execution, long asked, Boolean held, @Nullable Throwable failure,
			Executor repairs) {
		if (failure != null) {
			this.store.health().suspect();
			execution.renewalFailed(failure);
		}
		else if (held) {
			execution.heldSince(asked);
		}
		else {
			repairs.execute(execution::acquireAgain);
		}
	}

}
