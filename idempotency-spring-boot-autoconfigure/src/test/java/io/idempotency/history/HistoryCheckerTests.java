package io.idempotency.history;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.history.Answer.Acquired;
import io.idempotency.history.Answer.Done;
import io.idempotency.history.Answer.Free;
import io.idempotency.history.Answer.Removed;
import io.idempotency.history.Answer.Seen;
import io.idempotency.history.Answer.State;
import io.idempotency.history.Answer.Unknown;
import io.idempotency.history.Call.Kind;
import io.idempotency.history.Violation.Promise;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the checker finds in histories that are known to be wrong, and does not find in
 * those that are right. Leases last 100 ms.
 */
class HistoryCheckerTests {

	private static final HistoryChecker CHECKER = new HistoryChecker(Duration.ofMillis(100));

	private static final Answer TRUE = new Done(true);

	private static final Answer FALSE = new Done(false);

	private static final Answer UNKNOWN = new Unknown();

	private final List<Call> history = new ArrayList<>();

	@Test
	void findsNothingInOrdinaryHistory() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.ACQUIRE, 2, 6, 8, inProgress(1));
		call(Kind.RENEW, 1, 50, 55, TRUE);
		call(Kind.FIND, 0, 120, 125, inProgress(1));
		call(Kind.RELEASE, 1, 130, 135, TRUE);
		call(Kind.ACQUIRE, 2, 140, 145, new Acquired(2));
		call(Kind.COMPLETE, 1, 150, 155, FALSE);
		call(Kind.COMPLETE, 2, 160, 165, UNKNOWN);
		call(Kind.COMPLETE, 2, 170, 175, TRUE);
		call(Kind.RENEW, 2, 180, 181, FALSE);
		call(Kind.RELEASE, 2, 182, 183, FALSE);
		assertKept(2);
	}

	@Test
	void findsNothingWhereLapsedLeaseIsTakenOver() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.ACQUIRE, 2, 101, 106, new Acquired(2));
		call(Kind.RENEW, 1, 110, 115, FALSE);
		call(Kind.COMPLETE, 1, 120, 125, FALSE);
		call(Kind.COMPLETE, 2, 130, 135, TRUE);
		assertKept(2);
	}

	@Test
	void findsNothingWhereLostCallsTakeEffectLate() {
		call(Kind.ACQUIRE, 1, 0, 5, UNKNOWN);
		call(Kind.ACQUIRE, 2, 10, 15, new Acquired(1));
		call(Kind.RELEASE, 2, 20, 25, UNKNOWN);
		call(Kind.FIND, 0, 30, 35, new Free());
		call(Kind.FIND, 0, 40, 45, inProgress(1));
		call(Kind.COMPLETE, 1, 50, 55, UNKNOWN);
		assertKept(1);
	}

	@Test
	void findsNothingWhereOwnerAcquiresAgainAfterAnother() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.ACQUIRE, 2, 110, 115, new Acquired(2));
		call(Kind.RELEASE, 2, 120, 125, TRUE);
		call(Kind.ACQUIRE, 1, 130, 135, new Acquired(3));
		call(Kind.COMPLETE, 1, 140, 145, TRUE);
		assertKept(1);
	}

	@Test
	void findsSecondOwner() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.ACQUIRE, 2, 90, 94, new Acquired(2));
		call(Kind.COMPLETE, 2, 200, 205, TRUE);
		assertBroken(2, Promise.ONE_OWNER_AT_A_TIME);
	}

	@Test
	void findsSecondOwnerOfSameTime() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.ACQUIRE, 2, 0, 6, new Acquired(2));
		call(Kind.COMPLETE, 2, 200, 205, TRUE);
		assertBroken(2, Promise.ONE_OWNER_AT_A_TIME);
	}

	@Test
	void findsSecondOwnerThatTakesOverRenewedLease() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.RENEW, 1, 80, 85, TRUE);
		call(Kind.ACQUIRE, 2, 120, 125, new Acquired(2));
		call(Kind.COMPLETE, 2, 200, 205, TRUE);
		assertBroken(2, Promise.ONE_OWNER_AT_A_TIME);
	}

	@Test
	void findsLeaseThatIsLost() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.RENEW, 1, 50, 55, FALSE);
		call(Kind.COMPLETE, 1, 60, 65, TRUE);
		assertBroken(1, Promise.LEASE_LASTS);
	}

	@Test
	void findsRecordThatIsSeenFreeWhileItIsHeld() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.FIND, 0, 50, 55, new Free());
		call(Kind.ACQUIRE, 1, 60, 65, new Acquired(2));
		call(Kind.COMPLETE, 1, 70, 75, TRUE);
		assertBroken(1, Promise.LEASE_LASTS);
	}

	@Test
	void findsLeaseThatDoesNotLapse() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.ACQUIRE, 2, 111, 115, inProgress(1));
		call(Kind.COMPLETE, 1, 120, 125, TRUE);
		assertBroken(1, Promise.LEASE_LAPSES);
	}

	@Test
	void findsTokenThatGoesBack() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(7));
		call(Kind.RELEASE, 1, 10, 15, TRUE);
		call(Kind.ACQUIRE, 2, 20, 25, new Acquired(6));
		call(Kind.COMPLETE, 2, 30, 35, TRUE);
		assertBroken(2, Promise.TOKENS_GROW);
	}

	@Test
	void findsTokenOfTwoOwners() {
		call(Kind.ACQUIRE, 1, 0, 50, new Acquired(7));
		call(Kind.RELEASE, 1, 0, 50, TRUE);
		call(Kind.ACQUIRE, 2, 0, 50, new Acquired(7));
		call(Kind.COMPLETE, 2, 60, 65, TRUE);
		assertBroken(2, Promise.TOKENS_GROW);
	}

	@Test
	void findsOutcomeThatChanges() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.COMPLETE, 1, 10, 15, TRUE);
		call(Kind.COMPLETE, 2, 12, 14, UNKNOWN);
		assertBroken(2, Promise.OUTCOME_STAYS);
	}

	@Test
	void findsOutcomeThatIsLost() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.COMPLETE, 1, 10, 15, UNKNOWN);
		call(Kind.FIND, 0, 20, 25, completed(1));
		call(Kind.FIND, 0, 30, 35, inProgress(1));
		assertBroken(1, Promise.OUTCOME_STAYS);
	}

	@Test
	void findsRecordThatIsAcquiredAfterItsCompletion() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.COMPLETE, 1, 10, 15, TRUE);
		call(Kind.ACQUIRE, 2, 20, 25, new Acquired(2));
		assertBroken(1, Promise.OUTCOME_STAYS);
	}

	@Test
	void findsCompletionThatIsDeniedToItsOwner() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.COMPLETE, 1, 10, 15, TRUE);
		call(Kind.COMPLETE, 1, 20, 25, FALSE);
		assertBroken(1, Promise.OUTCOME_STAYS);
	}

	@Test
	void findsCompletionByNonOwner() {
		call(Kind.COMPLETE, 1, 10, 15, TRUE);
		assertBroken(1, Promise.ONLY_OWNER_CHANGES);
	}

	@Test
	void findsCompletionByOwnerThatWasReplaced() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.ACQUIRE, 2, 110, 115, new Acquired(2));
		call(Kind.COMPLETE, 1, 300, 305, TRUE);
		assertBroken(1, Promise.ONLY_OWNER_CHANGES);
	}

	@Test
	void findsCompletionByOwnerThatHasReleased() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.RELEASE, 1, 10, 15, TRUE);
		call(Kind.COMPLETE, 1, 20, 25, TRUE);
		assertBroken(1, Promise.ONLY_OWNER_CHANGES);
	}

	@Test
	void findsRenewalOfRecordThatWasFree() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.FIND, 0, 110, 115, new Free());
		call(Kind.RENEW, 1, 120, 125, TRUE);
		call(Kind.COMPLETE, 1, 130, 135, UNKNOWN);
		assertBroken(1, Promise.ONLY_OWNER_CHANGES);
	}

	@Test
	void findsNothingWhereRecordsAreRemoved() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.REMOVE, 0, 10, 15, TRUE);
		call(Kind.REMOVE, 0, 16, 18, FALSE);
		call(Kind.RENEW, 1, 20, 25, FALSE);
		call(Kind.ACQUIRE, 1, 30, 35, new Removed());
		call(Kind.ACQUIRE, 2, 40, 45, new Acquired(2));
		call(Kind.ACQUIRE, 1, 46, 48, inProgress(2));
		call(Kind.COMPLETE, 2, 50, 55, TRUE);
		call(Kind.REMOVE, 0, 60, 65, TRUE);
		call(Kind.FIND, 0, 70, 75, new Free());
		call(Kind.ACQUIRE, 3, 80, 85, new Acquired(3));
		call(Kind.COMPLETE, 3, 90, 95, TRUE);
		assertKept(3);
	}

	@Test
	void findsNothingWhereLostRemovalTakesEffectLate() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.REMOVE, 0, 10, 15, UNKNOWN);
		call(Kind.COMPLETE, 1, 20, 25, TRUE);
		call(Kind.FIND, 0, 30, 35, completed(1));
		call(Kind.ACQUIRE, 2, 40, 45, new Acquired(2));
		call(Kind.COMPLETE, 2, 50, 55, TRUE);
		assertKept(2);
	}

	@Test
	void findsNothingWhereOwnerOfRemovedRecordAcquiresItAfterAnother() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.REMOVE, 0, 10, 15, TRUE);
		call(Kind.ACQUIRE, 2, 20, 25, new Acquired(2));
		call(Kind.RELEASE, 2, 30, 35, TRUE);
		call(Kind.ACQUIRE, 1, 40, 45, new Acquired(3));
		call(Kind.COMPLETE, 1, 50, 55, TRUE);
		assertKept(1);
	}

	@Test
	void findsNothingWhereOwnerOfRemovedRecordAcquiresItAfterAnotherWhoseRecordWasRemovedToo() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.REMOVE, 0, 10, 15, TRUE);
		call(Kind.ACQUIRE, 2, 20, 25, new Acquired(2));
		call(Kind.REMOVE, 0, 30, 35, TRUE);
		call(Kind.ACQUIRE, 1, 40, 45, new Acquired(3));
		call(Kind.COMPLETE, 1, 50, 55, TRUE);
		assertKept(1);
	}

	@Test
	void findsRemovalThatMissesRecordInProgress() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.REMOVE, 0, 10, 15, FALSE);
		call(Kind.COMPLETE, 1, 20, 25, TRUE);
		assertBroken(1, Promise.LEASE_LASTS);
	}

	@Test
	void findsRemovalThatMissesCompletedRecord() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.COMPLETE, 1, 10, 15, TRUE);
		call(Kind.REMOVE, 0, 20, 25, FALSE);
		assertBroken(1, Promise.OUTCOME_STAYS);
	}

	@Test
	void findsOwnerThatGoesOnAfterRemoval() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.REMOVE, 0, 10, 15, TRUE);
		call(Kind.RENEW, 1, 20, 25, TRUE);
		call(Kind.ACQUIRE, 2, 200, 205, new Acquired(2));
		call(Kind.COMPLETE, 2, 210, 215, TRUE);
		assertBroken(2, Promise.ONLY_OWNER_CHANGES);
	}

	@Test
	void findsOwnerThatAcquiresRemovedRecordAgain() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.REMOVE, 0, 10, 15, TRUE);
		call(Kind.ACQUIRE, 1, 20, 25, new Acquired(2));
		call(Kind.COMPLETE, 1, 30, 35, TRUE);
		assertBroken(1, Promise.REMOVED_IS_GONE);
	}

	@Test
	void findsOutcomeThatIsSeenAfterItsRemoval() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.COMPLETE, 1, 10, 15, TRUE);
		call(Kind.REMOVE, 0, 20, 25, TRUE);
		assertBroken(1, Promise.REMOVED_IS_GONE);
	}

	@Test
	void findsOutcomeThatIsLostAfterAnotherWasRemoved() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.COMPLETE, 1, 10, 15, TRUE);
		call(Kind.REMOVE, 0, 20, 25, TRUE);
		call(Kind.ACQUIRE, 2, 30, 35, new Acquired(2));
		call(Kind.COMPLETE, 2, 40, 45, TRUE);
		call(Kind.FIND, 0, 50, 55, new Free());
		assertBroken(2, Promise.OUTCOME_STAYS);
	}

	@Test
	void findsRemovalThatNobodyAskedFor() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.ACQUIRE, 1, 200, 205, new Removed());
		call(Kind.ACQUIRE, 1, 210, 215, new Acquired(2));
		call(Kind.COMPLETE, 1, 220, 225, TRUE);
		assertBroken(1, Promise.NOTHING_IS_MADE_UP);
	}

	@Test
	void findsOutcomeThatNobodyStored() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		assertBroken(1, Promise.NOTHING_IS_MADE_UP);
	}

	@Test
	void findsClaimThatNobodyMade() {
		call(Kind.ACQUIRE, 1, 0, 5, inProgress(9));
		call(Kind.ACQUIRE, 1, 200, 205, new Acquired(1));
		call(Kind.COMPLETE, 1, 210, 215, TRUE);
		assertBroken(1, Promise.NOTHING_IS_MADE_UP);
	}

	@Test
	void findsRecordThatIsNotCompletedInTheEnd() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		assertThat(CHECKER.check(this.history)).extracting(Violation::promise).containsExactly(Promise.ENDS_COMPLETED);
	}

	@Test
	void keepsRecordsApart() {
		call(Kind.ACQUIRE, 1, 0, 5, new Acquired(1));
		call(Kind.COMPLETE, 1, 10, 15, TRUE);
		this.history.add(new Call(Kind.ACQUIRE, 2, 2, 0, 1, new Acquired(1)));
		this.history.add(new Call(Kind.COMPLETE, 2, 2, 2, 3, TRUE));
		this.history.add(new Call(Kind.FIND, 2, 0, 4, 5, completed(2)));
		assertKept(1);
	}

	private static Answer inProgress(int owner) {
		return new Seen(State.IN_PROGRESS, owner);
	}

	private static Answer completed(int owner) {
		return new Seen(State.COMPLETED, owner);
	}

	private void call(Kind kind, int owner, long startMillis, long endMillis, Answer answer) {
		this.history.add(new Call(kind, 1, owner, Duration.ofMillis(startMillis).toNanos(),
				Duration.ofMillis(endMillis).toNanos(), answer));
	}

	private void assertKept(int completedBy) {
		call(Kind.FIND, 0, 1000, 1005, completed(completedBy));
		assertThat(CHECKER.check(this.history)).isEmpty();
	}

	private void assertBroken(int completedBy, Promise promise) {
		call(Kind.FIND, 0, 1000, 1005, completed(completedBy));
		assertThat(CHECKER.check(this.history)).extracting(Violation::promise).containsOnly(promise);
	}

}
