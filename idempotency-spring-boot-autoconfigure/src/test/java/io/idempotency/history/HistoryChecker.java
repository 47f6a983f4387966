package io.idempotency.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import io.idempotency.history.Answer.Done;
import io.idempotency.history.Answer.Free;
import io.idempotency.history.Answer.Removed;
import io.idempotency.history.Answer.Seen;
import io.idempotency.history.Answer.State;
import io.idempotency.history.Answer.Unknown;
import io.idempotency.history.Call.Kind;
import io.idempotency.history.Violation.Promise;

/**
 * Looks for what a store has promised and not kept. A call takes effect at some time
 * between its start and its end; one without an answer, at any time after its start, or
 * never. Only what is wrong whenever the calls took effect is reported.
 */
final class HistoryChecker {

	/**
	 * Stores count whole milliseconds, and their clock is not the one that timed the
	 * calls.
	 */
	private static final Duration TOLERANCE = Duration.ofMillis(5);

	private final long shortestLease;

	private final long longestLease;

	/**
	 * Creates a checker of histories in which all leases last the same time.
	 */
	HistoryChecker(Duration lease) {
		this.shortestLease = lease.minus(TOLERANCE).toNanos();
		this.longestLease = lease.plus(TOLERANCE).toNanos();
	}

	List<Violation> check(Collection<Call> history) {
		List<Violation> violations = new ArrayList<>();
		history.stream()
			.sorted(Comparator.comparingLong(Call::start))
			.collect(Collectors.groupingBy(Call::key, TreeMap::new, Collectors.toList()))
			.values()
			.forEach((calls) -> new OneRecord(calls, violations).check());
		return violations;
	}

	/**
	 * The time for which a lease has certainly held the record.
	 */
	private record Hold(Call shown, long start, long end, long lapse) {

		boolean covers(Call call) {
			return this.start <= call.start() && call.end() <= this.end;
		}

		boolean overlaps(Hold other) {
			return Math.max(this.start, other.start) < Math.min(this.end, other.end);
		}

	}

	/**
	 * The calls on one record, in the order of their starts.
	 */
	private final class OneRecord {

		private final List<Call> calls;

		private final Map<Integer, List<Call>> byOwner;

		private final Removals removals;

		private final List<Violation> violations;

		OneRecord(List<Call> calls, List<Violation> violations) {
			this.calls = calls;
			this.byOwner = calls.stream().collect(Collectors.groupingBy(Call::owner));
			this.removals = new Removals(calls);
			this.violations = violations;
		}

		void check() {
			List<Hold> holds = this.calls.stream().filter(Call::showsLease).map(this::hold).toList();
			for (int i = 0; i < holds.size(); i++) {
				checkOthersDuring(holds.get(i));
				checkOverlaps(holds.get(i), holds.subList(0, i));
				checkToken(holds.get(i).shown(), holds.subList(0, i));
			}
			this.calls.stream()
				.filter((call) -> call.isDone() && call.kind() != Kind.REMOVE)
				.forEach(this::checkChange);
			this.calls.stream().filter((call) -> call.answer() instanceof Seen).forEach(this::checkOrigin);
			this.calls.stream().filter((call) -> call.answer() instanceof Removed).forEach(this::checkRemoval);
			this.removals.certain().forEach((removal) -> checkAfter(removal, holds));
			this.calls.stream().filter((call) -> completedBy(call) != 0).forEach(this::checkOutcome);
			checkEnd();
		}

		/**
		 * A lease lasts from some time during the call. A removal or the call of its
		 * owner that may end it may do so at once.
		 */
		private Hold hold(Call shown) {
			long lapse = shown.start() + HistoryChecker.this.shortestLease;
			long end = Math.min(lapse, this.removals.earliestAfter(shown.start()));
			for (Call call : of(shown.owner())) {
				if ((call.kind() == Kind.COMPLETE || call.kind() == Kind.RELEASE) && call.mayActAfter(shown.start())) {
					end = Math.min(end, call.start());
				}
			}
			return new Hold(shown, shown.end(), end, lapse);
		}

		private List<Call> of(int owner) {
			return this.byOwner.getOrDefault(owner, List.of());
		}

		private void checkOthersDuring(Hold hold) {
			Call shown = hold.shown();
			for (Call call : this.calls) {
				if (!hold.covers(call)) {
					continue;
				}
				boolean own = call.owner() == shown.owner();
				if (!own && (call.showsLease() || call.isDone())) {
					report(Promise.ONE_OWNER_AT_A_TIME, shown, call);
				}
				else if ((own || call.kind() == Kind.REMOVE) && call.answer() instanceof Done done && !done.done()) {
					report(Promise.LEASE_LASTS, shown, call);
				}
				else if (call.answer() instanceof Free || (call.answer() instanceof Seen seen
						&& (own || seen.state() != State.IN_PROGRESS || seen.owner() != shown.owner()))) {
					report(Promise.LEASE_LASTS, shown, call);
				}
			}
		}

		private void checkOverlaps(Hold hold, List<Hold> earlier) {
			for (Hold other : earlier) {
				if (other.shown().owner() != hold.shown().owner() && other.overlaps(hold)) {
					report(Promise.ONE_OWNER_AT_A_TIME, other.shown(), hold.shown());
				}
			}
		}

		private void checkToken(Call call, List<Hold> earlier) {
			if (!(call.answer() instanceof Answer.Acquired acquired)) {
				return;
			}
			for (Hold hold : earlier) {
				Call other = hold.shown();
				if (!(other.answer() instanceof Answer.Acquired before)) {
					continue;
				}
				boolean grows = (other.owner() == call.owner()) ? before.token() <= acquired.token()
						: before.token() < acquired.token();
				boolean mayBeLater = other.end() >= call.start()
						&& (other.owner() == call.owner() || before.token() != acquired.token());
				if (!grows && !mayBeLater) {
					report(Promise.TOKENS_GROW, other, call);
				}
			}
		}

		/**
		 * An owner whose record was seen to be free or somebody else's has to acquire it
		 * again.
		 */
		private void checkChange(Call change) {
			List<Call> claims = of(change.owner()).stream()
				.filter((call) -> call.kind() == Kind.ACQUIRE && call.start() < change.end()
						&& (call.answer() instanceof Answer.Acquired || call.answer() instanceof Unknown))
				.toList();
			if (claims.isEmpty()) {
				report(Promise.ONLY_OWNER_CHANGES, change);
			}
			for (Call call : this.calls) {
				if (call.end() < change.start() && endsOwnership(change.owner(), call)
						&& claims.stream().noneMatch((claim) -> claim.mayActAfter(call.start()))) {
					report(Promise.ONLY_OWNER_CHANGES, call, change);
				}
			}
		}

		private boolean endsOwnership(int owner, Call call) {
			if (call.owner() == owner) {
				return call.kind() == Kind.RELEASE && call.isDone();
			}
			return call.showsLease() || call.isDone() || call.answer() instanceof Free
					|| (call.answer() instanceof Seen seen && seen.owner() != owner);
		}

		private void checkOrigin(Call call) {
			Seen seen = (Seen) call.answer();
			Kind origin = (seen.state() == State.COMPLETED) ? Kind.COMPLETE : Kind.ACQUIRE;
			if (of(seen.owner()).stream().noneMatch((other) -> other.kind() == origin && other.start() < call.end())) {
				report(Promise.NOTHING_IS_MADE_UP, call);
			}
			else if (seen.state() == State.IN_PROGRESS && call.start() > latestEnd(seen.owner(), call.end())) {
				report(Promise.LEASE_LAPSES, call);
			}
		}

		/**
		 * Returns until when a lease may last by what its owner asked for before a time.
		 */
		private long latestEnd(int owner, long time) {
			long latest = Long.MIN_VALUE;
			for (Call call : of(owner)) {
				if (call.start() < time && (call.kind() == Kind.ACQUIRE || call.kind() == Kind.RENEW)) {
					if (call.answer() instanceof Unknown) {
						return Long.MAX_VALUE;
					}
					if (call.showsLease()) {
						latest = Math.max(latest, call.end() + HistoryChecker.this.longestLease);
					}
				}
			}
			// Some call is under way, or has just ended.
			return (latest != Long.MIN_VALUE) ? latest : Long.MAX_VALUE;
		}

		private void checkRemoval(Call call) {
			if (!this.removals.mayBeBefore(call.end())) {
				report(Promise.NOTHING_IS_MADE_UP, call);
			}
		}

		private void checkAfter(Call removal, List<Hold> holds) {
			for (Call call : this.calls) {
				if (this.removals.isShownAfter(removal, call)) {
					report(Promise.REMOVED_IS_GONE, removal, call);
				}
			}
			for (Hold hold : holds) {
				// It was in progress until it was removed, by this call or another.
				Call shown = hold.shown();
				if (hold.start() <= removal.start() && removal.end() <= hold.lapse() && !mayEnd(hold, removal)) {
					of(shown.owner()).stream()
						.filter((call) -> this.removals.isAcquiredAgainAfter(shown, removal, call))
						.forEach((call) -> report(Promise.REMOVED_IS_GONE, shown, removal, call));
				}
			}
		}

		private boolean mayEnd(Hold hold, Call removal) {
			return of(hold.shown().owner()).stream()
				.anyMatch((call) -> (call.kind() == Kind.COMPLETE || call.kind() == Kind.RELEASE)
						&& call.mayActAfter(hold.shown().start()) && call.start() < removal.end());
		}

		private void checkOutcome(Call completed) {
			int owner = completedBy(completed);
			for (Call call : this.calls) {
				boolean other = completedBy(call) != 0 && completedBy(call) != owner;
				if ((other || (call.start() > completed.end() && !isAnswerAfterCompletion(call, owner)))
						&& !this.removals.mayBeBetween(completed, call)) {
					report(Promise.OUTCOME_STAYS, completed, call);
				}
			}
		}

		/**
		 * Returns whose outcome a call has shown, or 0.
		 */
		private int completedBy(Call call) {
			if (call.answer() instanceof Seen seen && seen.state() == State.COMPLETED) {
				return seen.owner();
			}
			return (call.kind() == Kind.COMPLETE && call.isDone()) ? call.owner() : 0;
		}

		private boolean isAnswerAfterCompletion(Call call, int owner) {
			if (call.answer() instanceof Done done) {
				return done
					.done() == (call.kind() == Kind.REMOVE || (call.kind() == Kind.COMPLETE && call.owner() == owner));
			}
			return call.answer() instanceof Unknown || completedBy(call) == owner;
		}

		private void checkEnd() {
			Call last = this.calls.get(this.calls.size() - 1);
			if (!(last.answer() instanceof Seen seen && seen.state() == State.COMPLETED)
					&& !this.removals.mayBeLate()) {
				report(Promise.ENDS_COMPLETED, last);
			}
		}

		private void report(Promise promise, Call... shown) {
			this.violations.add(new Violation(promise, List.of(shown)));
		}

	}

}
