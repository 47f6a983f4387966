package io.idempotency.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
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

	private final Set<RecordLease> kept = ConcurrentHashMap.newKeySet();

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

	void keep(RecordLease lease) {
		this.kept.add(lease);
		tickLater();
	}

	void drop(RecordLease lease) {
		this.kept.remove(lease);
	}

	/**
	 * Renews all leases now, after the store was away, and acquires those again that the
	 * store has lost. This method waits for the answers, because requests may ask the
	 * store when it returns. It acquires leases on the calling thread, because the thread
	 * of a store that answers cannot wait for another answer.
	 */
	void renewAll() {
		Queue<RecordLease> gone = new ConcurrentLinkedQueue<>();
		CompletableFuture<Void> answered = renew(this.kept, gone::add);
		try {
			answered.get(this.leaseDuration.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.debug("Not all leases were renewed when the store was back", ex);
		}
		gone.forEach(RecordLease::acquireAgain);
	}

	private void tickLater() {
		if (this.ticking.compareAndSet(false, true)) {
			this.renewals.schedule(this.leaseDuration.dividedBy(TICKS_PER_LEASE), this::tick);
		}
	}

	private void tick() {
		try {
			long due = this.scheduling.nanoTime() - this.leaseDuration.dividedBy(DUE_SHARE_OF_LEASE).toNanos();
			renew(this.kept.stream().filter((lease) -> lease.isHeldSinceBefore(due)).toList(),
					(gone) -> this.repairs.schedule(Duration.ZERO, gone::acquireAgain));
		}
		catch (RuntimeException | Error ex) {
			logger.warn("Leases could not be renewed: " + ex);
		}
		this.ticking.set(false);
		if (!this.kept.isEmpty()) {
			tickLater();
		}
	}

	/**
	 * Renews leases.
	 * @param gone receives the leases that are not held any more, on the thread that
	 * answers
	 * @return completed when the store has answered for all of them
	 */
	private CompletableFuture<Void> renew(Collection<RecordLease> leases, Consumer<RecordLease> gone) {
		Map<LeaseTerms, List<RecordLease>> byTerms = leases.stream()
			.filter(RecordLease::mayBeRenewed)
			.sorted(Comparator.comparing((lease) -> lease.lease().key().hex()))
			.collect(Collectors.groupingBy(RecordLease::terms));
		return CompletableFuture.allOf(byTerms.entrySet()
			.stream()
			.flatMap((same) -> renew(same.getValue(), same.getKey(), gone).stream())
			.toArray(CompletableFuture[]::new));
	}

	private List<CompletableFuture<Void>> renew(List<RecordLease> leases, LeaseTerms terms,
			Consumer<RecordLease> gone) {
		Map<Lease, RecordLease> byLease = new LinkedHashMap<>();
		leases.forEach((lease) -> byLease.put(lease.lease(), lease));
		long asked = this.scheduling.nanoTime();
		Map<Lease, CompletionStage<Boolean>> answers;
		try {
			answers = this.store.renewAll(byLease.keySet(), terms);
		}
		catch (RuntimeException ex) {
			this.store.health().suspect();
			leases.forEach((lease) -> lease.renewalFailed(ex));
			return List.of();
		}
		List<CompletableFuture<Void>> answered = new ArrayList<>();
		answers.forEach((asking, answer) -> {
			RecordLease lease = byLease.get(asking);
			if (lease != null) {
				answered.add(answer.<Void>handle((held, ex) -> {
					answered(lease, asked, held, ex, gone);
					return null;
				}).toCompletableFuture());
			}
		});
		return answered;
	}

	private void answered(RecordLease lease, long asked, Boolean held, @Nullable Throwable failure,
			Consumer<RecordLease> gone) {
		if (failure != null) {
			this.store.health().suspect();
			lease.renewalFailed(failure);
		}
		else if (held) {
			lease.heldSince(asked);
		}
		else {
			gone.accept(lease);
		}
	}

}
