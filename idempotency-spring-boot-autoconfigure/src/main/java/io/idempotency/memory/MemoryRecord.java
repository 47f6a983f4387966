package io.idempotency.memory;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredStep;
import org.jspecify.annotations.Nullable;

/**
 * An immutable record of the store in memory.
 *
 * @param ownerToken the owner token of the lease that holds or has held the record
 * @param outcome the outcome, or {@code null} if the record is not completed
 * @param leaseEnd when the lease lapses unless it is renewed
 * @param steps the stored steps; empty unless the record is in progress or resumable
 * @param stepsEnd until when the record is kept at least because of its steps, or
 * {@code null} if there are no steps or they never expire
 * @param expiresAt when the record expires, or {@code null} if it never expires
 */
record MemoryRecord(State state, String ownerToken, long fencingToken, Fingerprint fingerprint,
		@Nullable Outcome outcome, Instant leaseEnd, List<StoredStep> steps, @Nullable Instant stepsEnd,
		@Nullable Instant expiresAt) {

	/**
	 * Returns the record of a new lease.
	 * @param steps the steps that earlier leases have stored
	 * @param stepsEnd until when the record is kept because of these steps
	 */
	static MemoryRecord running(Lease lease, long fencingToken, Fingerprint fingerprint, List<StoredStep> steps,
			@Nullable Instant stepsEnd, LeaseTerms terms, Instant now) {
		return new MemoryRecord(State.RUNNING, lease.ownerToken(), fencingToken, fingerprint, null, now, steps,
				stepsEnd, null)
			.renewed(terms, now);
	}

	MemoryRecord renewed(LeaseTerms terms, Instant now) {
		Instant end = now.plus(terms.duration());
		Expiry abandonedExpiry = terms.abandonedExpiry();
		Instant stay = (abandonedExpiry != null) ? after(end, abandonedExpiry) : end;
		return new MemoryRecord(this.state, this.ownerToken, this.fencingToken, this.fingerprint, null, end, this.steps,
				this.stepsEnd, this.steps.isEmpty() ? stay : later(stay, this.stepsEnd));
	}

	/**
	 * Returns the record with a further step. It replaces the steps that have the same or
	 * a greater position.
	 */
	MemoryRecord with(StoredStep step, Expiry expiry, Instant now) {
		List<StoredStep> all = new ArrayList<>(this.steps.subList(0, Math.min(step.position(), this.steps.size())));
		all.add(step);
		Instant end = after(now, expiry);
		return new MemoryRecord(this.state, this.ownerToken, this.fencingToken, this.fingerprint, null, this.leaseEnd,
				List.copyOf(all), end, later(this.expiresAt, end));
	}

	MemoryRecord completed(Outcome outcome, Expiry expiry, Instant now) {
		return new MemoryRecord(State.COMPLETED, this.ownerToken, this.fencingToken, this.fingerprint, outcome,
				this.leaseEnd, List.of(), null, after(now, expiry));
	}

	/**
	 * Returns the record after a lease with steps has ended without an outcome.
	 */
	MemoryRecord resumable() {
		return new MemoryRecord(State.RESUMABLE, "", this.fencingToken, this.fingerprint, null, this.leaseEnd,
				this.steps, this.stepsEnd, this.stepsEnd);
	}

	/**
	 * Returns the record after its removal. It is only visible to the former owner.
	 */
	MemoryRecord removed(Instant until) {
		return new MemoryRecord(State.REMOVED, this.ownerToken, this.fencingToken, this.fingerprint, null,
				this.leaseEnd, List.of(), null, until);
	}

	private static @Nullable Instant after(Instant start, Expiry expiry) {
		Duration duration = expiry.duration();
		return (duration != null) ? start.plus(duration) : null;
	}

	private static @Nullable Instant later(@Nullable Instant one, @Nullable Instant other) {
		if (one == null || other == null) {
			return null;
		}
		return one.isAfter(other) ? one : other;
	}

	long size(RecordKey key) {
		return EstimatedSize.ofClaim(key, this.fingerprint, this.ownerToken) + EstimatedSize.of(this.outcome)
				+ EstimatedSize.of(this.steps);
	}

	boolean hasSteps() {
		return !this.steps.isEmpty();
	}

	boolean isRemoved() {
		return this.state == State.REMOVED;
	}

	boolean isFreeFor(Lease lease, Fingerprint asked, LeaseTerms terms, Instant now) {
		if (isExpired(now)) {
			return true;
		}
		return switch (this.state) {
			case RUNNING ->
				isOf(lease) || (isAbandoned(now) && terms.abandonedExpiry() == null && isResumableBy(asked));
			case RESUMABLE -> isResumableBy(asked);
			case REMOVED -> !isOf(lease);
			case COMPLETED -> false;
		};
	}

	private boolean isResumableBy(Fingerprint asked) {
		return this.steps.isEmpty() || this.fingerprint.matches(asked);
	}

	private boolean isOf(Lease lease) {
		return this.ownerToken.equals(lease.ownerToken());
	}

	boolean isExpired(Instant now) {
		return this.expiresAt != null && !now.isBefore(this.expiresAt);
	}

	private boolean isAbandoned(Instant now) {
		return this.state == State.RUNNING && !now.isBefore(this.leaseEnd);
	}

	boolean isInProgress(Lease lease, Instant now) {
		return this.state == State.RUNNING && !isExpired(now) && isOf(lease);
	}

	boolean isCompletedBy(Lease lease, Instant now) {
		return this.state == State.COMPLETED && !isExpired(now) && isOf(lease);
	}

	/**
	 * Returns the answer to a lease that has tried to acquire the record.
	 */
	Acquisition answerTo(Lease lease, LeaseTerms terms, Instant now) {
		if (this.state == State.REMOVED) {
			return new Acquisition.Removed();
		}
		if (this.state == State.RUNNING && isOf(lease)) {
			return new Acquisition.Acquired(this.fencingToken, this.steps);
		}
		boolean mayBeTakenOver = isAbandoned(now) && terms.abandonedExpiry() == null;
		return mayBeTakenOver ? new Acquisition.Resumable(this.fingerprint, this.steps) : answer(now);
	}

	/**
	 * Returns the answer to a look-up of the record.
	 */
	Acquisition answer(Instant now) {
		if (this.outcome != null) {
			return new Acquisition.Completed(this.fingerprint, this.outcome);
		}
		if (this.state == State.RESUMABLE) {
			return new Acquisition.Resumable(this.fingerprint, this.steps);
		}
		return isAbandoned(now) ? new Acquisition.Abandoned(this.fingerprint, this.steps)
				: new Acquisition.InProgress(this.fingerprint, this.steps);
	}

	/**
	 * Returns what operators see of the record.
	 */
	StoredRecord shown(Instant now) {
		Instant acquiredAt = Instant.EPOCH.plus(this.fencingToken, ChronoUnit.MICROS);
		return new StoredRecord(answer(now), acquiredAt, (this.state == State.RUNNING) ? this.leaseEnd : null,
				this.expiresAt, now);
	}

	/**
	 * The states of a record.
	 */
	enum State {

		RUNNING, RESUMABLE, REMOVED, COMPLETED

	}

}
