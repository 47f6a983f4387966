package io.idempotency.store;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.idempotency.store.Acquisition.Abandoned;
import io.idempotency.store.Acquisition.Acquired;
import io.idempotency.store.Acquisition.Completed;
import io.idempotency.store.Acquisition.InProgress;
import io.idempotency.store.Acquisition.Removed;
import io.idempotency.store.Acquisition.Resumable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link IdempotencyStore} promises of steps, beside the rest, for stores that keep
 * them.
 */
public abstract class IdempotencyStoreStepContract extends IdempotencyStoreContract {

	private static final Fingerprint FINGERPRINT = new Fingerprint("ab".repeat(32));

	@Test
	void releasedRecordKeepsStepsForWhoGoesOnWithThem() {
		Lease lease = running(TERMS);
		List<StoredStep> steps = List.of(step(0, "reserve"), step(1, "capture"));
		steps.forEach((step) -> assertThat(store().storeStep(lease, step, EXPIRY)).isTrue());
		assertThat(store().release(lease)).isTrue();
		Lease next = Lease.of(lease.key());
		assertThat(steps(otherInstance().acquire(next, FINGERPRINT, TERMS))).isEqualTo(steps);
		assertThat(acquire(lease.key())).as("it is held again").isInstanceOf(InProgress.class);
		StoredStep ship = step(2, "ship");
		assertThat(store().storeStep(next, ship, EXPIRY)).isTrue();
		assertThat(store().release(next)).isTrue();
		assertThat(resume(lease.key())).containsExactly(steps.get(0), steps.get(1), ship);
	}

	@Test
	void recordWithStepsIsNotAcquiredForAnotherFingerprint() {
		Lease lease = running(TERMS);
		store().storeStep(lease, step(0, "reserve"), EXPIRY);
		store().release(lease);
		assertThat(acquire(lease.key())).isInstanceOfSatisfying(Resumable.class,
				(resumable) -> assertThat(resumable.fingerprint()).isEqualTo(FINGERPRINT));
		assertThat(acquire(lease.key())).as("asking changes nothing").isInstanceOf(Resumable.class);
		assertThat(store().acquire(Lease.of(lease.key()), newFingerprint(), REFUSING)).isInstanceOf(Resumable.class);
		assertThat(steps(store().acquire(Lease.of(lease.key()), Fingerprint.ANY, TERMS))).hasSize(1);
	}

	@Test
	void recordOfAnyFingerprintIsAcquiredForEach() {
		Lease lease = Lease.of(newKey());
		store().acquire(lease, Fingerprint.ANY, TERMS);
		store().storeStep(lease, step(0, "reserve"), EXPIRY);
		store().release(lease);
		assertThat(steps(acquire(lease.key()))).hasSize(1);
	}

	@Test
	void lapsedLeaseLeavesItsStepsToWhoTakesItOver() {
		Lease lease = running(SHORT_TERMS);
		StoredStep step = step(0, "reserve");
		store().storeStep(lease, step, EXPIRY);
		advance(SHORT);
		assertThat(acquire(lease.key())).isInstanceOf(Resumable.class);
		assertThat(store().acquire(Lease.of(lease.key()), newFingerprint(), REFUSING)).isInstanceOf(Abandoned.class);
		assertThat(store().acquire(Lease.of(lease.key()), FINGERPRINT, REFUSING)).isInstanceOf(Abandoned.class);
		assertThat(resume(lease.key())).containsExactly(step);
	}

	@Test
	void leaseThatWasTakenOverKeepsNoStep() {
		Lease lost = running(SHORT_TERMS);
		StoredStep first = step(0, "reserve");
		store().storeStep(lost, first, EXPIRY);
		advance(SHORT);
		Lease owner = Lease.of(lost.key());
		store().acquire(owner, FINGERPRINT, TERMS);
		assertThat(store().storeStep(lost, step(1, "lost"), EXPIRY)).isFalse();
		assertThat(store().release(lost)).isFalse();
		StoredStep second = step(1, "capture");
		assertThat(store().storeStep(owner, second, EXPIRY)).isTrue();
		assertThat(store().storeStep(lost, step(2, "lost"), EXPIRY)).isFalse();
		store().release(owner);
		assertThat(store().storeStep(lost, step(2, "lost"), EXPIRY)).isFalse();
		assertThat(store().storeStep(owner, step(2, "late"), EXPIRY)).isFalse();
		assertThat(resume(lost.key())).containsExactly(first, second);
	}

	@Test
	void keepsNoStepOfWhatIsNotInProgress() {
		assertThat(store().storeStep(Lease.of(newKey()), step(0, "reserve"), EXPIRY)).isFalse();
		Lease completed = running(TERMS);
		store().complete(completed, response("x"), EXPIRY);
		assertThat(store().storeStep(completed, step(0, "reserve"), EXPIRY)).isFalse();
		assertThat(acquire(completed.key())).isInstanceOf(Completed.class);
		Lease removed = running(TERMS);
		store().remove(removed.key());
		assertThat(store().storeStep(removed, step(0, "reserve"), EXPIRY)).isFalse();
		Lease expired = running(SHORT_TERMS);
		advance(SHORT);
		assertThat(store().storeStep(expired, step(0, "reserve"), EXPIRY)).isFalse();
	}

	@Test
	void lapsedLeaseWhoseRecordWasNotTakenOverKeepsStep() {
		Lease late = running(SHORT_REFUSING);
		advance(SHORT);
		assertThat(store().storeStep(late, step(0, "reserve"), EXPIRY)).isTrue();
		assertThat(store().acquire(Lease.of(late.key()), FINGERPRINT, REFUSING)).as("it stays lapsed")
			.isInstanceOf(Abandoned.class);
		assertThat(resume(late.key())).hasSize(1);
	}

	@Test
	void sameLeaseAcquiresItsStepsAgain() {
		Lease lease = running(TERMS);
		StoredStep step = step(0, "reserve");
		store().storeStep(lease, step, EXPIRY);
		assertThat(steps(store().acquire(lease, FINGERPRINT, TERMS))).containsExactly(step);
	}

	@Test
	void stepThatIsSentTwiceCountsOnce() {
		Lease lease = running(TERMS);
		StoredStep first = step(0, "reserve");
		StoredStep second = step(1, "capture");
		for (StoredStep step : List.of(first, first, second, second)) {
			assertThat(store().storeStep(lease, step, EXPIRY)).isTrue();
		}
		store().release(lease);
		assertThat(resume(lease.key())).containsExactly(first, second);
	}

	@Test
	void stepTakesThePlaceOfItsPositionAndOfAllBehindIt() {
		Lease lease = running(TERMS);
		StoredStep first = step(0, "reserve");
		StoredStep other = step(1, "other");
		for (StoredStep step : List.of(first, step(1, "capture"), step(2, "ship"), other)) {
			store().storeStep(lease, step, EXPIRY);
		}
		store().release(lease);
		assertThat(resume(lease.key())).containsExactly(first, other);
	}

	@Test
	void stepsEndWithOutcome() {
		Lease lease = running(TERMS);
		store().storeStep(lease, step(0, "reserve"), EXPIRY);
		assertThat(store().complete(lease, response("x"), SHORT_EXPIRY)).isTrue();
		assertThat(acquire(lease.key())).isEqualTo(new Completed(FINGERPRINT, response("x")));
		advance(SHORT);
		assertThat(steps(acquire(lease.key()))).isEmpty();
	}

	@Test
	void stepsEndWithTheirExpiry() {
		Lease released = running(TERMS);
		store().storeStep(released, step(0, "reserve"), SHORT_EXPIRY);
		store().release(released);
		Lease lapsed = running(SHORT_TERMS);
		store().storeStep(lapsed, step(0, "reserve"), SHORT_EXPIRY);
		advance(SHORT.plusMillis(1));
		assertThat(store().find(released.key())).isEmpty();
		assertThat(store().find(lapsed.key())).isEmpty();
		assertThat(steps(acquire(released.key()))).isEmpty();
		assertThat(steps(acquire(lapsed.key()))).isEmpty();
	}

	@Test
	void expiryOfStepsCountsFromTheLast() {
		Lease lease = running(TERMS);
		store().storeStep(lease, step(0, "reserve"), SHORT_EXPIRY);
		store().storeStep(lease, step(1, "capture"), Expiry.never());
		store().release(lease);
		advance(SHORT);
		assertThat(resume(lease.key())).hasSize(2);
	}

	@Test
	void stepsStayWhileLeaseIsRenewedAndAfterIt() {
		Lease lease = running(TERMS);
		store().storeStep(lease, step(0, "reserve"), SHORT_EXPIRY);
		advance(SHORT);
		assertThat(store().storeStep(lease, step(1, "capture"), EXPIRY)).isTrue();
		assertThat(store().renew(lease, SHORT_TERMS)).isTrue();
		advance(SHORT);
		assertThat(resume(lease.key())).hasSize(2);
	}

	@Test
	void removalRemovesSteps() {
		Lease resumable = running(TERMS);
		store().storeStep(resumable, step(0, "reserve"), EXPIRY);
		store().release(resumable);
		assertThat(store().remove(resumable.key())).isTrue();
		assertThat(store().remove(resumable.key())).isFalse();
		assertThat(steps(acquire(resumable.key()))).isEmpty();
		Lease inProgress = running(TERMS);
		store().storeStep(inProgress, step(0, "reserve"), EXPIRY);
		assertThat(store().remove(inProgress.key())).isTrue();
		assertThat(store().acquire(inProgress, FINGERPRINT, TERMS)).isEqualTo(new Removed());
		assertThat(steps(acquire(inProgress.key()))).isEmpty();
	}

	@Test
	void showsSteps() {
		List<StoredStep> steps = List.of(step(0, "reserve"),
				new StoredStep(1, "überweisen/3 €", "v2", now(), new ResponseNotStored()));
		Lease lease = running(SHORT_REFUSING);
		steps.forEach((step) -> store().storeStep(lease, step, EXPIRY));
		store().renew(lease, TERMS);
		assertThat(store().find(lease.key()).map(StoredRecord::content)).contains(new InProgress(FINGERPRINT, steps));
		store().renew(lease, SHORT_REFUSING);
		advance(SHORT);
		assertThat(store().find(lease.key()).map(StoredRecord::content)).contains(new Abandoned(FINGERPRINT, steps));
		store().release(lease);
		assertThat(store().find(lease.key()).map(StoredRecord::content)).contains(new Resumable(FINGERPRINT, steps));
	}

	@Test
	void keepsManySteps() {
		Lease lease = running(TERMS);
		List<StoredStep> steps = new ArrayList<>();
		for (int i = 0; i < 200; i++) {
			StoredStep step = new StoredStep(i, "step " + i, "", now(), new StoredResult(false, "java.lang.String",
					null, ("\"" + i + "x".repeat(1000) + "\"").getBytes(StandardCharsets.UTF_8)));
			steps.add(step);
			assertThat(store().storeStep(lease, step, EXPIRY)).isTrue();
		}
		store().release(lease);
		assertThat(resume(lease.key())).isEqualTo(steps);
	}

	@Test
	void purgingLeavesStepsThatHaveNotExpired() {
		Lease resumable = running(TERMS);
		store().storeStep(resumable, step(0, "reserve"), EXPIRY);
		store().release(resumable);
		Lease lapsed = running(SHORT_TERMS);
		store().storeStep(lapsed, step(0, "reserve"), EXPIRY);
		Lease expired = running(TERMS);
		store().storeStep(expired, step(0, "reserve"), SHORT_EXPIRY);
		store().release(expired);
		advance(SHORT);
		store().purgeExpired();
		assertThat(store().purgeExpired()).isZero();
		assertThat(resume(resumable.key())).hasSize(1);
		assertThat(resume(lapsed.key())).hasSize(1);
		assertThat(steps(acquire(expired.key()))).isEmpty();
	}

	@Test
	void hintsWhenRecordWithStepsIsReleased() throws Exception {
		Lease lease = running(TERMS);
		store().storeStep(lease, step(0, "reserve"), EXPIRY);
		CountDownLatch hint = new CountDownLatch(1);
		store().onChange(lease.key(), hint::countDown);
		otherInstance().release(lease);
		assertThat(hint.await(1, TimeUnit.MINUTES)).isTrue();
	}

	@Test
	void exactlyOneOfManyThreadsGoesOnWithSteps() throws Exception {
		for (int round = 0; round < 50; round++) {
			Lease lease = running(TERMS);
			store().storeStep(lease, step(0, "reserve"), EXPIRY);
			store().release(lease);
			assertThat(acquireByAll(lease.key(), TERMS)).filteredOn(Acquired.class::isInstance)
				.singleElement()
				.satisfies((acquired) -> assertThat(steps(acquired)).hasSize(1));
		}
	}

	/**
	 * A paused owner does not know that it was replaced.
	 */
	@Test
	void stepsOfManyOwnersDoNotMix() throws Exception {
		Lease first = running(TERMS);
		store().storeStep(first, step(0, "by nobody"), EXPIRY);
		store().release(first);
		inParallel((store) -> {
			for (int i = 0; i < 20; i++) {
				Lease lease = Lease.of(first.key());
				if (!(store.acquire(lease, FINGERPRINT, TERMS) instanceof Acquired)) {
					continue;
				}
				for (int position = 0; position < 3; position++) {
					assertThat(store.storeStep(lease, step(position, "by " + lease.ownerToken()), EXPIRY)).isTrue();
				}
				store.release(lease);
				assertThat(store.storeStep(lease, step(3, "late"), EXPIRY)).isFalse();
			}
			return true;
		});
		List<StoredStep> left = resume(first.key());
		assertThat(left).hasSize(3);
		assertThat(left.stream().map(StoredStep::name).distinct()).hasSize(1);
	}

	private Lease running(LeaseTerms terms) {
		Lease lease = Lease.of(newKey());
		assertThat(store().acquire(lease, FINGERPRINT, terms)).isInstanceOf(Acquired.class);
		return lease;
	}

	private List<StoredStep> resume(RecordKey key) {
		return steps(store().acquire(Lease.of(key), FINGERPRINT, TERMS));
	}

	private static List<StoredStep> steps(Acquisition acquisition) {
		assertThat(acquisition).isInstanceOf(Acquired.class);
		return ((Acquired) acquisition).steps();
	}

	private static StoredStep step(int position, String name) {
		return new StoredStep(position, name, "", now(), new StoredResult(false, "java.lang.String", null,
				("\"" + name + "\"").getBytes(StandardCharsets.UTF_8)));
	}

	/**
	 * Stores need not keep more than milliseconds.
	 */
	private static Instant now() {
		return Instant.now().truncatedTo(ChronoUnit.MILLIS);
	}

}
