package io.idempotency.memory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.memory.MemoryRecord.State;
import io.idempotency.store.Acquisition;
import io.idempotency.store.ChangeHints;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoreFullException;
import io.idempotency.store.StoreUsage;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredStep;
import org.jspecify.annotations.Nullable;

/**
 * Keeps records in a map. They are lost when the application stops, and other instances
 * do not see them, so this store is for single instances and tests.
 * <p>
 * It never drops a record before the record has expired. If it is full of records that
 * have not expired, {@link #acquire} of a new key fails with a
 * {@link StoreFullException}. A response that does not fit is not stored: its key is
 * completed with {@link ResponseNotStored}, so that the handler does not run again.
 */
public final class MemoryIdempotencyStore implements IdempotencyStore {

	/**
	 * How long the owner of a removed record is told that it was removed.
	 */
	private static final Duration REMOVED = Duration.ofHours(1);

	private static final Duration PAUSE_BETWEEN_PURGES_WHEN_FULL = Duration.ofSeconds(1);

	private final ConcurrentMap<RecordKey, MemoryRecord> entries = new ConcurrentHashMap<>();

	private final ChangeHints hints = new ChangeHints();

	private final AtomicLong lastFencingToken = new AtomicLong();

	private final Room room;

	private final InstantSource clock;

	private final AtomicReference<Instant> nextPurgeWhenFull = new AtomicReference<>(Instant.MIN);

	/**
	 * Creates a store that takes up to a tenth of the heap. It measures time with
	 * {@link System#nanoTime()}, so that setting the clock of the machine neither ends
	 * nor prolongs a lease.
	 * @param maxEntries the maximum number of records, including expired ones
	 */
	public MemoryIdempotencyStore(int maxEntries) {
		this(maxEntries, tenthOfHeap());
	}

	/**
	 * Creates a store that takes up to a tenth of the heap and uses the given clock.
	 * @param maxEntries the maximum number of records, including expired ones
	 * @param clock the clock that measures leases and expiry
	 */
	public MemoryIdempotencyStore(int maxEntries, InstantSource clock) {
		this(maxEntries, tenthOfHeap(), clock);
	}

	/**
	 * Creates a store that measures time with {@link System#nanoTime()}.
	 * @param maxEntries the maximum number of records, including expired ones
	 * @param maxBytes the estimated memory that the records may take, in bytes
	 */
	public MemoryIdempotencyStore(int maxEntries, long maxBytes) {
		this(maxEntries, maxBytes, monotonicClock());
	}

	/**
	 * Creates a store that uses the given clock.
	 * @param maxEntries the maximum number of records, including expired ones
	 * @param maxBytes the estimated memory that the records may take, in bytes
	 * @param clock the clock that measures leases and expiry
	 */
	public MemoryIdempotencyStore(int maxEntries, long maxBytes, InstantSource clock) {
		if (maxEntries < 1) {
			throw new IllegalArgumentException("maxEntries must be at least 1: " + maxEntries);
		}
		if (maxBytes < 1) {
			throw new IllegalArgumentException("maxBytes must be at least 1: " + maxBytes);
		}
		this.room = new Room(maxEntries, maxBytes);
		this.clock = clock;
	}

	static long tenthOfHeap() {
		return Runtime.getRuntime().maxMemory() / 10;
	}

	private static InstantSource monotonicClock() {
		Instant start = Instant.now();
		long origin = System.nanoTime();
		return () -> start.plusNanos(System.nanoTime() - origin);
	}

	@Override
	public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		Instant now = this.clock.instant();
		if (!this.room.hasRoomForRecord(EstimatedSize.ofClaim(lease.key(), fingerprint, lease.ownerToken()))) {
			purgeWhenFull(now);
		}
		MemoryRecord entry = this.entries.compute(lease.key(), (key, present) -> {
			if (present != null && !present.isFreeFor(lease, fingerprint, terms, now)) {
				return present;
			}
			MemoryRecord claim = claim(present, lease, fingerprint, terms, now);
			if (present == null) {
				this.room.add(claim.size(key));
			}
			else {
				this.room.replace(present.size(key), claim.size(key));
			}
			return claim;
		});
		return entry.answerTo(lease, terms, now);
	}

	/**
	 * Returns the record of a claim. It takes over the steps of an earlier record that
	 * has not expired.
	 */
	private MemoryRecord claim(@Nullable MemoryRecord present, Lease lease, Fingerprint fingerprint, LeaseTerms terms,
			Instant now) {
		MemoryRecord left = (present != null && !present.isExpired(now)) ? present : null;
		return MemoryRecord.running(lease, nextFencingToken(now), fingerprint,
				(left != null) ? left.steps() : List.of(), (left != null) ? left.stepsEnd() : null, terms, now);
	}

	private long nextFencingToken(Instant now) {
		long micros = ChronoUnit.MICROS.between(Instant.EPOCH, now);
		return this.lastFencingToken.updateAndGet((last) -> Math.max(last + 1, micros));
	}

	private void purgeWhenFull(Instant now) {
		Instant next = this.nextPurgeWhenFull.get();
		if (!now.isBefore(next)
				&& this.nextPurgeWhenFull.compareAndSet(next, now.plus(PAUSE_BETWEEN_PURGES_WHEN_FULL))) {
			purgeExpired();
		}
	}

	@Override
	public boolean renew(Lease lease, LeaseTerms terms) {
		Instant now = this.clock.instant();
		MemoryRecord entry = this.entries.computeIfPresent(lease.key(),
				(key, present) -> present.isInProgress(lease, now) ? present.renewed(terms, now) : present);
		return entry != null && entry.isInProgress(lease, now);
	}

	@Override
	public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		Instant now = this.clock.instant();
		if (!this.room.hasRoomFor(EstimatedSize.of(outcome))) {
			purgeWhenFull(now);
		}
		MemoryRecord entry = this.entries.computeIfPresent(lease.key(), (key, present) -> {
			if (!present.isInProgress(lease, now)) {
				return present;
			}
			MemoryRecord completed = present.completed(outcome, expiry, now);
			if (this.room.grow(completed.size(key) - present.size(key))) {
				return completed;
			}
			MemoryRecord shortened = present.completed(new ResponseNotStored(), expiry, now);
			this.room.replace(present.size(key), shortened.size(key));
			return shortened;
		});
		boolean completed = entry != null && entry.isCompletedBy(lease, now);
		if (completed) {
			this.hints.changed(lease.key());
		}
		return completed;
	}

	@Override
	public boolean release(Lease lease) {
		Instant now = this.clock.instant();
		MemoryRecord entry = this.entries.get(lease.key());
		while (entry != null && entry.isInProgress(lease, now)) {
			if (entry.hasSteps() ? replace(lease.key(), entry, entry.resumable()) : remove(lease.key(), entry)) {
				this.hints.changed(lease.key());
				return true;
			}
			entry = this.entries.get(lease.key());
		}
		return false;
	}

	@Override
	public boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
		Instant now = this.clock.instant();
		if (!this.room.hasRoomFor(EstimatedSize.of(List.of(step)))) {
			purgeWhenFull(now);
		}
		MemoryRecord entry = this.entries.computeIfPresent(lease.key(), (key, present) -> {
			if (!present.isInProgress(lease, now)) {
				return present;
			}
			MemoryRecord longer = present.with(step, expiry, now);
			this.room.growOrThrow(longer.size(key) - present.size(key));
			return longer;
		});
		return entry != null && entry.isInProgress(lease, now);
	}

	@Override
	public Optional<StoredRecord> find(RecordKey key) {
		Instant now = this.clock.instant();
		return Optional.ofNullable(this.entries.get(key))
			.filter((entry) -> !entry.isExpired(now) && !entry.isRemoved())
			.map((entry) -> entry.shown(now));
	}

	@Override
	public boolean remove(RecordKey key) {
		Instant now = this.clock.instant();
		MemoryRecord entry = this.entries.get(key);
		while (entry != null && !entry.isExpired(now) && !entry.isRemoved()) {
			boolean removed = (entry.state() == State.RUNNING) ? replace(key, entry, entry.removed(now.plus(REMOVED)))
					: remove(key, entry);
			if (removed) {
				this.hints.changed(key);
				return true;
			}
			entry = this.entries.get(key);
		}
		return false;
	}

	@Override
	public Registration onChange(RecordKey key, Runnable hint) {
		return this.hints.add(key, hint);
	}

	@Override
	public int purgeExpired() {
		Instant now = this.clock.instant();
		int purged = 0;
		for (Iterator<RecordKey> keys = this.entries.keySet().iterator(); keys.hasNext();) {
			RecordKey key = keys.next();
			MemoryRecord entry = this.entries.get(key);
			if (entry != null && entry.isExpired(now) && remove(key, entry)) {
				purged++;
			}
		}
		return purged;
	}

	@Override
	public StoreUsage usage() {
		return this.room.usage();
	}

	/**
	 * Removes all records, so that every key is new again. This method is meant for tests
	 * that share a store.
	 */
	public void clear() {
		this.entries.keySet().forEach(this::remove);
		purgeExpired();
	}

	@Override
	public String toString() {
		return "memory";
	}

	private boolean remove(RecordKey key, MemoryRecord entry) {
		boolean removed = this.entries.remove(key, entry);
		if (removed) {
			this.room.remove(entry.size(key));
		}
		return removed;
	}

	private boolean replace(RecordKey key, MemoryRecord entry, MemoryRecord other) {
		boolean replaced = this.entries.replace(key, entry, other);
		if (replaced) {
			this.room.replace(entry.size(key), other.size(key));
		}
		return replaced;
	}

}
