package io.idempotency.history;

import java.util.List;

import io.idempotency.history.Answer.Acquired;
import io.idempotency.history.Answer.Seen;
import io.idempotency.history.Answer.Unknown;
import io.idempotency.history.Call.Kind;

/**
 * The calls that have removed a record, or may have.
 */
final class Removals {

	private final List<Call> calls;

	private final List<Call> removals;

	/**
	 * Picks removals out of the calls on one record.
	 */
	Removals(List<Call> calls) {
		this.calls = calls;
		this.removals = calls.stream()
			.filter((call) -> call.kind() == Kind.REMOVE && (call.isDone() || call.answer() instanceof Unknown))
			.toList();
	}

	/**
	 * Returns those that have certainly removed the record.
	 */
	List<Call> certain() {
		return this.removals.stream().filter(Call::isDone).toList();
	}

	/**
	 * Returns the earliest start of those that may act after a time.
	 */
	long earliestAfter(long time) {
		return this.removals.stream()
			.filter((removal) -> removal.mayActAfter(time))
			.mapToLong(Call::start)
			.min()
			.orElse(Long.MAX_VALUE);
	}

	/**
	 * Returns whether the record may have been removed after the one call took effect,
	 * and before the other did, whichever was first.
	 */
	boolean mayBeBetween(Call call, Call other) {
		long end = Math.max(call.end(), other.end());
		return earliestAfter(Math.min(call.start(), other.start())) < end;
	}

	/**
	 * Returns whether the record may be removed before a time.
	 */
	boolean mayBeBefore(long time) {
		return earliestAfter(Long.MIN_VALUE) < time;
	}

	boolean mayBeLate() {
		return this.removals.stream().anyMatch((removal) -> removal.answer() instanceof Unknown);
	}

	/**
	 * Returns whether a call shows what was removed before: the claim or outcome of an
	 * owner that has not asked for the record since.
	 */
	boolean isShownAfter(Call removal, Call call) {
		return call.start() > removal.end() && call.answer() instanceof Seen seen && this.calls.stream()
			.noneMatch(
					(other) -> isClaim(other) && other.owner() == seen.owner() && other.mayActAfter(removal.start()));
	}

	/**
	 * Returns whether an owner that had the record, and lost it to a removal, has
	 * acquired it again, although no other has asked for it since it was shown to have
	 * it.
	 */
	boolean isAcquiredAgainAfter(Call shown, Call removal, Call call) {
		return call.start() > removal.end() && call.answer() instanceof Acquired
				&& this.calls.stream()
					.noneMatch((other) -> isClaim(other) && other.owner() != call.owner()
							&& other.mayActAfter(shown.start()) && other.start() < call.end());
	}

	private static boolean isClaim(Call call) {
		return call.kind() == Kind.ACQUIRE && (call.answer() instanceof Acquired || call.answer() instanceof Unknown);
	}

}
