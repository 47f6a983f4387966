package io.idempotency.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.store.Acquisition.Abandoned;
import io.idempotency.store.Acquisition.Acquired;
import io.idempotency.store.Acquisition.Completed;
import io.idempotency.store.Acquisition.InProgress;
import io.idempotency.store.Acquisition.Removed;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link IdempotencyStore} promises, as tests that each implementation passes on the
 * real server.
 */
public abstract class IdempotencyStoreContract {

	/**
	 * What lapses or expires when a test lets it.
	 */
	static final Duration SHORT = Duration.ofMillis(200);

	/**
	 * What outlasts the test.
	 */
	private static final Duration LONG = Duration.ofHours(1);

	static final LeaseTerms TERMS = new LeaseTerms(LONG, null);

	static final LeaseTerms SHORT_TERMS = new LeaseTerms(SHORT, null);

	static final LeaseTerms REFUSING = new LeaseTerms(LONG, Expiry.after(LONG));

	static final LeaseTerms SHORT_REFUSING = new LeaseTerms(SHORT, Expiry.after(LONG));

	static final Expiry EXPIRY = Expiry.after(LONG);

	static final Expiry SHORT_EXPIRY = Expiry.after(SHORT);

	private static final int THREADS = 16;

	private final Random random = new Random();

	/**
	 * Returns the store.
	 * @return the same store throughout a test
	 */
	protected abstract IdempotencyStore store();

	/**
	 * Returns the store as another instance of the application sees it.
	 * @return a store with the same records
	 */
	protected IdempotencyStore otherInstance() {
		return store();
	}

	/**
	 * Lets time pass for the store.
	 * @param duration how much, at least
	 */
	protected abstract void advance(Duration duration);

	@Test
	void exactlyOneOfManyThreadsAcquiresRecord() throws Exception {
		for (int round = 0; round < 100; round++) {
			RecordKey key = newKey();
			assertThat(acquireByAll(key, TERMS)).filteredOn(Acquired.class::isInstance).hasSize(1);
		}
	}

	@Test
	void exactlyOneOfManyThreadsTakesOverLapsedLease() throws Exception {
		List<RecordKey> keys = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			keys.add(newKey());
		}
		keys.forEach((key) -> store().acquire(Lease.of(key), newFingerprint(), SHORT_REFUSING));
		advance(SHORT);
		for (RecordKey key : keys) {
			assertThat(acquireByAll(key, TERMS)).filteredOn(Acquired.class::isInstance).hasSize(1);
		}
	}

	@Test
	void oneLeaseAtATimeHoldsRecord() throws Exception {
		RecordKey key = newKey();
		AtomicInteger holders = new AtomicInteger();
		AtomicInteger acquisitions = new AtomicInteger();
		inParallel((store) -> {
			while (acquisitions.get() < 300) {
				Lease lease = Lease.of(key);
				if (store.acquire(lease, Fingerprint.ANY, TERMS) instanceof Acquired) {
					acquisitions.incrementAndGet();
					assertThat(holders.incrementAndGet()).isEqualTo(1);
					holders.decrementAndGet();
					assertThat(store.release(lease)).isTrue();
				}
			}
			return true;
		});
		assertThat(store().acquire(Lease.of(key), Fingerprint.ANY, TERMS)).isInstanceOf(Acquired.class);
	}

	@Test
	void exactlyOneOfOwnerAndSuccessorCompletes() throws Exception {
		for (int round = 0; round < 50; round++) {
			RecordKey key = newKey();
			List<Outcome> stored = Collections.synchronizedList(new ArrayList<>());
			inParallel((store) -> {
				Lease lease = Lease.of(key);
				StoredResponse response = response(lease.ownerToken());
				if (store.acquire(lease, Fingerprint.ANY, TERMS) instanceof Acquired
						&& store.complete(lease, response, EXPIRY)) {
					stored.add(response);
				}
				return true;
			});
			assertThat(stored).hasSize(1);
			assertThat(acquire(key)).isEqualTo(new Completed(Fingerprint.ANY, stored.get(0)));
		}
	}

	@Test
	void acquiresRecordThatIsNotThere() {
		assertThat(acquire(newKey())).isInstanceOf(Acquired.class);
	}

	@Test
	void answersThatAnotherLeaseHoldsRecord() {
		RecordKey key = newKey();
		Fingerprint fingerprint = newFingerprint();
		store().acquire(Lease.of(key), fingerprint, TERMS);
		assertThat(acquire(key)).isEqualTo(new InProgress(fingerprint));
		assertThat(acquire(key)).as("asking changes nothing").isEqualTo(new InProgress(fingerprint));
	}

	@Test
	void answersOtherInstance() {
		RecordKey key = newKey();
		Fingerprint fingerprint = newFingerprint();
		Lease lease = Lease.of(key);
		store().acquire(lease, fingerprint, TERMS);
		assertThat(otherInstance().acquire(Lease.of(key), Fingerprint.ANY, TERMS))
			.isEqualTo(new InProgress(fingerprint));
		store().complete(lease, response("x"), EXPIRY);
		assertThat(otherInstance().acquire(Lease.of(key), Fingerprint.ANY, TERMS))
			.isEqualTo(new Completed(fingerprint, response("x")));
	}

	@Test
	void keepsFingerprintThatMatchesEveryOther() {
		RecordKey key = newKey();
		Lease lease = Lease.of(key);
		store().acquire(lease, Fingerprint.ANY, TERMS);
		assertThat(acquire(key)).isEqualTo(new InProgress(Fingerprint.ANY));
		store().complete(lease, response("x"), EXPIRY);
		assertThat(acquire(key)).isEqualTo(new Completed(Fingerprint.ANY, response("x")));
	}

	@Test
	void keepsRecordsApart() {
		Lease first = acquired(newKey(), TERMS);
		Lease second = acquired(newKey(), TERMS);
		assertThat(store().complete(first, response("first"), EXPIRY)).isTrue();
		assertThat(store().release(second)).isTrue();
		assertThat(acquire(first.key())).isInstanceOf(Completed.class);
		assertThat(acquire(second.key())).isInstanceOf(Acquired.class);
	}

	@Test
	void fencesByKeyAndOwnerToken() {
		Lease lease = acquired(newKey(), TERMS);
		Lease sameToken = new Lease(newKey(), lease.ownerToken());
		assertThat(store().release(sameToken)).isFalse();
		assertThat(store().complete(sameToken, response("x"), EXPIRY)).isFalse();
		assertThat(acquire(lease.key())).isInstanceOf(InProgress.class);
		assertThat(acquire(sameToken.key())).isInstanceOf(Acquired.class);
	}

	@Test
	void takesOverLapsedLease() {
		RecordKey key = newKey();
		acquired(key, SHORT_TERMS);
		advance(SHORT);
		Fingerprint fingerprint = newFingerprint();
		assertThat(store().acquire(Lease.of(key), fingerprint, TERMS)).isInstanceOf(Acquired.class);
		assertThat(acquire(key)).isEqualTo(new InProgress(fingerprint));
	}

	@Test
	void leaseThatWasTakenOverChangesNothing() {
		RecordKey key = newKey();
		Lease lost = acquired(key, SHORT_TERMS);
		advance(SHORT);
		Lease owner = Lease.of(key);
		Fingerprint fingerprint = newFingerprint();
		store().acquire(owner, fingerprint, TERMS);
		assertThat(store().renew(lost, SHORT_TERMS)).isFalse();
		assertThat(store().complete(lost, response("lost"), EXPIRY)).isFalse();
		assertThat(store().release(lost)).isFalse();
		assertThat(store().acquire(lost, newFingerprint(), TERMS)).isEqualTo(new InProgress(fingerprint));
		assertThat(store().complete(owner, response("owner"), EXPIRY)).isTrue();
		assertThat(store().complete(lost, response("lost"), EXPIRY)).isFalse();
		assertThat(store().release(lost)).isFalse();
		assertThat(acquire(key)).isEqualTo(new Completed(fingerprint, response("owner")));
	}

	@Test
	void answersThatLeaseWasAbandonedWhereTermsRefuseTakeover() {
		RecordKey key = newKey();
		Fingerprint fingerprint = newFingerprint();
		store().acquire(Lease.of(key), fingerprint, SHORT_REFUSING);
		advance(SHORT);
		assertThat(store().acquire(Lease.of(key), newFingerprint(), REFUSING)).isEqualTo(new Abandoned(fingerprint));
		assertThat(store().acquire(Lease.of(key), newFingerprint(), REFUSING)).isEqualTo(new Abandoned(fingerprint));
	}

	@Test
	void answersInProgressBeforeLeaseLapsesWhereTermsRefuseTakeover() {
		RecordKey key = newKey();
		Fingerprint fingerprint = newFingerprint();
		store().acquire(Lease.of(key), fingerprint, REFUSING);
		assertThat(store().acquire(Lease.of(key), newFingerprint(), REFUSING)).isEqualTo(new InProgress(fingerprint));
	}

	@Test
	void takesOverAbandonedRecordWhereTermsLetIt() {
		RecordKey key = newKey();
		Lease lost = acquired(key, SHORT_REFUSING);
		advance(SHORT);
		assertThat(store().acquire(Lease.of(key), newFingerprint(), TERMS)).isInstanceOf(Acquired.class);
		assertThat(store().complete(lost, response("lost"), EXPIRY)).isFalse();
	}

	@Test
	void forgetsAbandonedRecordAfterItsExpiry() {
		RecordKey key = newKey();
		Lease lost = acquired(key, new LeaseTerms(Duration.ofMillis(1), SHORT_EXPIRY));
		advance(SHORT.plusMillis(1));
		assertThat(store().acquire(Lease.of(key), newFingerprint(), REFUSING)).isInstanceOf(Acquired.class);
		assertThat(store().complete(lost, response("lost"), EXPIRY)).isFalse();
	}

	@Test
	void keepsAbandonedRecordForEver() {
		RecordKey key = newKey();
		Fingerprint fingerprint = newFingerprint();
		LeaseTerms forEver = new LeaseTerms(SHORT, Expiry.never());
		store().acquire(Lease.of(key), fingerprint, forEver);
		advance(SHORT.multipliedBy(2));
		assertThat(store().acquire(Lease.of(key), newFingerprint(), REFUSING)).isEqualTo(new Abandoned(fingerprint));
	}

	@Test
	void completesLapsedLeaseWhoseRecordWasNotTakenOver() {
		RecordKey key = newKey();
		Lease late = acquired(key, SHORT_REFUSING);
		advance(SHORT);
		assertThat(store().complete(late, response("late"), EXPIRY)).isTrue();
		assertThat(store().acquire(Lease.of(key), newFingerprint(), REFUSING)).isInstanceOf(Completed.class);
	}

	@Test
	void releasesAndRenewsLapsedLeaseWhoseRecordWasNotTakenOver() {
		Lease late = acquired(newKey(), SHORT_REFUSING);
		Lease later = acquired(newKey(), SHORT_REFUSING);
		advance(SHORT);
		assertThat(store().renew(late, REFUSING)).isTrue();
		assertThat(store().acquire(Lease.of(late.key()), newFingerprint(), REFUSING)).isInstanceOf(InProgress.class);
		assertThat(store().release(later)).isTrue();
		assertThat(store().acquire(Lease.of(later.key()), newFingerprint(), REFUSING)).isInstanceOf(Acquired.class);
	}

	@Test
	void renewedLeaseLastsForTermsFromRenewal() {
		Lease prolonged = acquired(newKey(), SHORT_TERMS);
		assertThat(store().renew(prolonged, TERMS)).isTrue();
		Lease cut = acquired(newKey(), TERMS);
		assertThat(store().renew(cut, SHORT_TERMS)).isTrue();
		advance(SHORT);
		assertThat(acquire(prolonged.key())).isInstanceOf(InProgress.class);
		assertThat(store().complete(prolonged, response("x"), EXPIRY)).isTrue();
		assertThat(acquire(cut.key())).isInstanceOf(Acquired.class);
	}

	@Test
	void renewalChangesWhatBecomesOfLapsedLease() {
		Lease refusing = acquired(newKey(), TERMS);
		assertThat(store().renew(refusing, SHORT_REFUSING)).isTrue();
		Lease yielding = acquired(newKey(), new LeaseTerms(LONG, Expiry.never()));
		assertThat(store().renew(yielding, SHORT_TERMS)).isTrue();
		advance(SHORT);
		assertThat(store().acquire(Lease.of(refusing.key()), newFingerprint(), REFUSING)).isInstanceOf(Abandoned.class);
		assertThat(store().acquire(Lease.of(yielding.key()), newFingerprint(), REFUSING)).isInstanceOf(Acquired.class);
	}

	@Test
	void renewalKeepsFingerprint() {
		RecordKey key = newKey();
		Fingerprint fingerprint = newFingerprint();
		Lease lease = Lease.of(key);
		store().acquire(lease, fingerprint, TERMS);
		store().renew(lease, TERMS);
		assertThat(acquire(key)).isEqualTo(new InProgress(fingerprint));
	}

	@Test
	void doesNotRenewWhatIsNotInProgress() {
		Lease completed = acquired(newKey(), TERMS);
		store().complete(completed, response("x"), EXPIRY);
		assertThat(store().renew(completed, SHORT_TERMS)).isFalse();
		Lease released = acquired(newKey(), TERMS);
		store().release(released);
		assertThat(store().renew(released, SHORT_TERMS)).isFalse();
		Lease unknown = Lease.of(newKey());
		assertThat(store().renew(unknown, TERMS)).isFalse();
		advance(SHORT);
		assertThat(acquire(completed.key())).isInstanceOf(Completed.class);
		assertThat(acquire(released.key())).isInstanceOf(Acquired.class);
		assertThat(acquire(unknown.key())).isInstanceOf(Acquired.class);
	}

	@Test
	void answersEveryLeaseWithOutcomeOnceCompleted() {
		RecordKey key = newKey();
		Fingerprint fingerprint = newFingerprint();
		Lease lease = Lease.of(key);
		store().acquire(lease, fingerprint, TERMS);
		assertThat(store().complete(lease, response("x"), EXPIRY)).isTrue();
		Completed completed = new Completed(fingerprint, response("x"));
		assertThat(acquire(key)).isEqualTo(completed);
		assertThat(store().acquire(Lease.of(key), newFingerprint(), REFUSING)).isEqualTo(completed);
		assertThat(store().acquire(lease, newFingerprint(), TERMS)).as("the same lease").isEqualTo(completed);
	}

	@Test
	void outcomeOutlivesLease() {
		Lease lease = acquired(newKey(), SHORT_TERMS);
		Lease refusing = acquired(newKey(), SHORT_REFUSING);
		assertThat(store().complete(lease, response("x"), EXPIRY)).isTrue();
		assertThat(store().complete(refusing, response("x"), EXPIRY)).isTrue();
		advance(SHORT);
		assertThat(acquire(lease.key())).isInstanceOf(Completed.class);
		assertThat(acquire(refusing.key())).isInstanceOf(Completed.class);
	}

	@Test
	void expiryCountsFromCompletion() {
		Lease lease = acquired(newKey(), TERMS);
		Lease refusingForEver = acquired(newKey(), new LeaseTerms(LONG, Expiry.never()));
		advance(SHORT);
		assertThat(store().complete(lease, response("x"), EXPIRY)).isTrue();
		assertThat(store().complete(refusingForEver, response("x"), SHORT_EXPIRY)).isTrue();
		assertThat(acquire(lease.key())).isInstanceOf(Completed.class);
		advance(SHORT);
		assertThat(acquire(lease.key())).isInstanceOf(Completed.class);
		assertThat(acquire(refusingForEver.key())).isInstanceOf(Acquired.class);
	}

	@Test
	void answersDoNotProlongExpiry() {
		Lease lease = acquired(newKey(), TERMS);
		store().complete(lease, response("x"), SHORT_EXPIRY);
		advance(SHORT.dividedBy(2));
		acquire(lease.key());
		advance(SHORT.dividedBy(2));
		assertThat(acquire(lease.key())).isInstanceOf(Acquired.class);
	}

	@Test
	void expiredRecordIsAsIfItWereNotThere() {
		Lease lease = acquired(newKey(), TERMS);
		store().complete(lease, response("x"), SHORT_EXPIRY);
		Lease lapsed = acquired(newKey(), SHORT_TERMS);
		advance(SHORT);
		for (Lease expired : List.of(lease, lapsed)) {
			assertThat(store().complete(expired, response("again"), EXPIRY)).isFalse();
			assertThat(store().renew(expired, TERMS)).isFalse();
			assertThat(store().release(expired)).isFalse();
			assertThat(acquire(expired.key())).isInstanceOf(Acquired.class);
		}
	}

	@Test
	void keepsOutcomeForEver() {
		Lease lease = acquired(newKey(), SHORT_TERMS);
		assertThat(store().complete(lease, response("x"), Expiry.never())).isTrue();
		advance(SHORT.multipliedBy(2));
		assertThat(acquire(lease.key())).isInstanceOf(Completed.class);
	}

	@Test
	void acceptsShortestAndLongestExpiry() {
		Lease longest = acquired(newKey(), TERMS);
		assertThat(store().complete(longest, response("x"), Expiry.after(Duration.ofDays(36_525)))).isTrue();
		assertThat(acquire(longest.key())).isInstanceOf(Completed.class);
		Lease shortest = acquired(newKey(), TERMS);
		assertThat(store().complete(shortest, response("x"), Expiry.after(Duration.ofMillis(1)))).isTrue();
		advance(Duration.ofMillis(2));
		assertThat(acquire(shortest.key())).isInstanceOf(Acquired.class);
	}

	@Test
	void doesNotCompleteWhatLeaseDoesNotHold() {
		Lease owner = acquired(newKey(), TERMS);
		assertThat(store().complete(Lease.of(owner.key()), response("other"), EXPIRY)).isFalse();
		assertThat(acquire(owner.key())).isInstanceOf(InProgress.class);
		Lease unknown = Lease.of(newKey());
		assertThat(store().complete(unknown, response("x"), EXPIRY)).isFalse();
		assertThat(acquire(unknown.key())).isInstanceOf(Acquired.class);
		Lease released = acquired(newKey(), TERMS);
		store().release(released);
		assertThat(store().complete(released, response("x"), EXPIRY)).isFalse();
		assertThat(acquire(released.key())).isInstanceOf(Acquired.class);
	}

	@Test
	void releasedRecordIsFree() {
		RecordKey key = newKey();
		Lease lease = acquired(key, TERMS);
		assertThat(store().release(lease)).isTrue();
		assertThat(store().release(lease)).isFalse();
		Fingerprint fingerprint = newFingerprint();
		assertThat(store().acquire(Lease.of(key), fingerprint, TERMS)).isInstanceOf(Acquired.class);
		assertThat(acquire(key)).isEqualTo(new InProgress(fingerprint));
	}

	@Test
	void releaseDoesNotRemoveWhatLeaseDoesNotHold() {
		Lease owner = acquired(newKey(), TERMS);
		assertThat(store().release(Lease.of(owner.key()))).isFalse();
		assertThat(acquire(owner.key())).isInstanceOf(InProgress.class);
		assertThat(store().release(Lease.of(newKey()))).isFalse();
	}

	@Test
	void releaseLeavesCompletedRecord() {
		Lease lease = acquired(newKey(), TERMS);
		store().complete(lease, response("x"), EXPIRY);
		assertThat(store().release(lease)).isFalse();
		assertThat(acquire(lease.key())).isInstanceOf(Completed.class);
	}

	@Test
	void sameLeaseAcquiresAgain() {
		RecordKey key = newKey();
		Lease lease = acquired(key, SHORT_TERMS);
		Fingerprint fingerprint = newFingerprint();
		assertThat(store().acquire(lease, fingerprint, TERMS)).isInstanceOf(Acquired.class);
		advance(SHORT);
		assertThat(acquire(key)).isEqualTo(new InProgress(fingerprint));
		assertThat(store().complete(lease, response("x"), EXPIRY)).isTrue();
	}

	@Test
	void sameLeaseAcquiresAgainAfterItLapsed() {
		Lease abandoned = acquired(newKey(), SHORT_REFUSING);
		Lease lapsed = acquired(newKey(), SHORT_TERMS);
		advance(SHORT);
		assertThat(store().acquire(abandoned, newFingerprint(), REFUSING)).isInstanceOf(Acquired.class);
		assertThat(store().acquire(lapsed, newFingerprint(), TERMS)).isInstanceOf(Acquired.class);
		assertThat(acquire(abandoned.key())).isInstanceOf(InProgress.class);
		assertThat(acquire(lapsed.key())).isInstanceOf(InProgress.class);
	}

	@Test
	void sameLeaseCompletesAgain() {
		Lease lease = acquired(newKey(), TERMS);
		assertThat(store().complete(lease, response("x"), EXPIRY)).isTrue();
		assertThat(store().complete(lease, response("x"), EXPIRY)).isTrue();
		assertThat(acquire(lease.key())).extracting("outcome").isEqualTo(response("x"));
	}

	@Test
	void keepsResponseByteForByte() {
		byte[] everyByte = new byte[512];
		for (int i = 0; i < everyByte.length; i++) {
			everyByte[i] = (byte) i;
		}
		List<StoredResponse.Header> headers = List.of(new StoredResponse.Header("Content-Type", "application/x"),
				new StoredResponse.Header("X-Many", "first"), new StoredResponse.Header("x-many", "second"),
				new StoredResponse.Header("X-Text", "Grüße, 你好, 👋"), new StoredResponse.Header("X-Empty", ""));
		assertKept(new StoredResponse(599, headers, everyByte));
		assertKept(new StoredResponse(200, List.of(), new byte[0]));
	}

	@Test
	void keepsLargeResponse() {
		byte[] body = new byte[5_000_000];
		this.random.nextBytes(body);
		assertKept(new StoredResponse(200, List.of(), body));
	}

	@Test
	void keepsThatResponseWasNotStored() {
		assertKept(new ResponseNotStored());
	}

	@Test
	final void keepsResultOfMethod() {
		assertKept(new StoredResult(false, "com.example.Payment", "4bf92f35",
				"{\"text\":\"Grüße, 你好, 👋\"}".getBytes(StandardCharsets.UTF_8)));
		assertKept(new StoredResult(true, "com.example.Declined", null, "{}".getBytes(StandardCharsets.UTF_8)));
		assertKept(new StoredResult(false, "void", null, new byte[0]));
	}

	@Test
	void acceptsAnyOwnerToken() {
		RecordKey key = newKey();
		Lease lease = new Lease(key, "owner 1 \u0000\n\"'Grüße👋" + "x".repeat(1000));
		assertThat(store().acquire(lease, newFingerprint(), TERMS)).isInstanceOf(Acquired.class);
		assertThat(store().renew(lease, TERMS)).isTrue();
		assertThat(store().complete(lease, response("x"), EXPIRY)).isTrue();
	}

	@Test
	void showsRecordWithoutClaimingIt() {
		RecordKey key = newKey();
		assertThat(store().find(key)).isEmpty();
		Fingerprint fingerprint = newFingerprint();
		Lease lease = Lease.of(key);
		store().acquire(lease, fingerprint, TERMS);
		assertThat(store().find(key).map(StoredRecord::content)).contains(new InProgress(fingerprint));
		store().complete(lease, response("x"), SHORT_EXPIRY);
		assertThat(store().find(key).map(StoredRecord::content)).contains(new Completed(fingerprint, response("x")));
		Lease abandoned = acquired(newKey(), SHORT_REFUSING);
		Lease lapsed = acquired(newKey(), SHORT_TERMS);
		advance(SHORT);
		assertThat(store().find(key)).isEmpty();
		assertThat(store().find(abandoned.key()).map(StoredRecord::content)).get().isInstanceOf(Abandoned.class);
		assertThat(store().find(lapsed.key())).isEmpty();
	}

	@Test
	void showsTimesOfRecordByItsOwnClock() {
		Lease lease = acquired(newKey(), TERMS);
		StoredRecord running = store().find(lease.key()).orElseThrow();
		Instant leaseEnd = Objects.requireNonNull(running.leaseEnd());
		assertThat(leaseEnd).isBetween(running.acquiredAt().plus(LONG).minusMillis(1), running.readAt().plus(LONG));
		assertThat(running.expiresAt()).isBetween(leaseEnd.minusMillis(1), leaseEnd.plusMillis(1));
		advance(SHORT);
		StoredRecord older = store().find(lease.key()).orElseThrow();
		assertThat(older.acquiredAt()).isEqualTo(running.acquiredAt());
		assertThat(older.age()).isGreaterThanOrEqualTo(SHORT.minusMillis(1));
		store().complete(lease, response("x"), EXPIRY);
		StoredRecord completed = store().find(lease.key()).orElseThrow();
		assertThat(completed.acquiredAt()).isEqualTo(running.acquiredAt());
		assertThat(completed.leaseEnd()).isNull();
		assertThat(completed.expiresAt()).isBetween(older.readAt().plus(LONG).minusMillis(1),
				completed.readAt().plus(LONG).plusMillis(1));
		Lease kept = acquired(newKey(), TERMS);
		store().complete(kept, response("x"), Expiry.never());
		assertThat(store().find(kept.key()).orElseThrow().expiresAt()).isNull();
	}

	@Test
	void removesRecordWhoeverHoldsIt() {
		Lease inProgress = acquired(newKey(), TERMS);
		Lease completed = acquired(newKey(), TERMS);
		store().complete(completed, response("x"), EXPIRY);
		Lease abandoned = acquired(newKey(), SHORT_REFUSING);
		Lease expired = acquired(newKey(), SHORT_TERMS);
		advance(SHORT);
		for (Lease lease : List.of(inProgress, completed, abandoned)) {
			assertThat(store().remove(lease.key())).isTrue();
			assertThat(store().remove(lease.key())).isFalse();
			assertThat(store().complete(lease, response("x"), EXPIRY)).isFalse();
			assertThat(acquire(lease.key())).isInstanceOf(Acquired.class);
		}
		assertThat(store().remove(expired.key())).isFalse();
	}

	@Test
	void purgingLeavesWhatHasNotExpired() {
		Lease inProgress = acquired(newKey(), TERMS);
		Lease abandoned = acquired(newKey(), SHORT_REFUSING);
		Lease completed = acquired(newKey(), TERMS);
		store().complete(completed, response("x"), EXPIRY);
		Lease kept = acquired(newKey(), SHORT_TERMS);
		store().complete(kept, response("x"), Expiry.never());
		advance(SHORT);
		store().purgeExpired();
		assertThat(store().purgeExpired()).isZero();
		assertThat(acquire(inProgress.key())).isInstanceOf(InProgress.class);
		assertThat(store().acquire(Lease.of(abandoned.key()), Fingerprint.ANY, REFUSING)).isInstanceOf(Abandoned.class);
		assertThat(acquire(completed.key())).isInstanceOf(Completed.class);
		assertThat(acquire(kept.key())).isInstanceOf(Completed.class);
	}

	// C9
	@Test
	void fencingTokenGrowsWithEachOwner() {
		RecordKey key = newKey();
		Lease released = Lease.of(key);
		long last = token(released, TERMS);
		long again = token(released, TERMS);
		assertThat(again).as("the same lease again").isGreaterThanOrEqualTo(last);
		last = again;
		store().release(released);
		Lease lapsed = Lease.of(key);
		last = assertGreater(token(lapsed, SHORT_REFUSING), last);
		advance(SHORT);
		Lease forgotten = Lease.of(key);
		last = assertGreater(token(forgotten, SHORT_TERMS), last);
		advance(SHORT);
		Lease removed = Lease.of(key);
		last = assertGreater(token(removed, TERMS), last);
		store().remove(key);
		Lease completed = Lease.of(key);
		last = assertGreater(token(completed, TERMS), last);
		store().complete(completed, response("x"), SHORT_EXPIRY);
		advance(SHORT);
		assertGreater(token(Lease.of(key), TERMS), last);
	}

	// C9
	@Test
	void fencingTokensOfManyOwnersDiffer() throws Exception {
		RecordKey key = newKey();
		List<Long> tokens = Collections.synchronizedList(new ArrayList<>());
		inParallel((store) -> {
			while (tokens.size() < 200) {
				Lease lease = Lease.of(key);
				if (store.acquire(lease, Fingerprint.ANY, TERMS) instanceof Acquired acquired) {
					tokens.add(acquired.fencingToken());
					store.release(lease);
				}
			}
			return true;
		});
		assertThat(tokens).isSorted().doesNotHaveDuplicates();
	}

	private long token(Lease lease, LeaseTerms terms) {
		Acquisition acquisition = store().acquire(lease, Fingerprint.ANY, terms);
		assertThat(acquisition).isInstanceOf(Acquired.class);
		return ((Acquired) acquisition).fencingToken();
	}

	private static long assertGreater(long token, long last) {
		assertThat(token).isGreaterThan(last);
		return token;
	}

	@Test
	void ownerOfRemovedRecordDoesNotAcquireItAgain() {
		for (LeaseTerms terms : List.of(TERMS, REFUSING)) {
			Lease owner = acquired(newKey(), terms);
			assertThat(store().remove(owner.key())).isTrue();
			assertThat(store().find(owner.key())).isEmpty();
			assertThat(store().renew(owner, terms)).isFalse();
			assertThat(store().release(owner)).isFalse();
			assertThat(store().complete(owner, response("x"), EXPIRY)).isFalse();
			assertThat(store().acquire(owner, newFingerprint(), terms)).isEqualTo(new Removed());
			assertThat(store().acquire(owner, newFingerprint(), terms)).isEqualTo(new Removed());
			Fingerprint fingerprint = newFingerprint();
			Lease next = Lease.of(owner.key());
			assertThat(store().acquire(next, fingerprint, terms)).isInstanceOf(Acquired.class);
			assertThat(store().acquire(owner, newFingerprint(), terms)).isEqualTo(new InProgress(fingerprint));
			assertThat(store().complete(next, response("next"), EXPIRY)).isTrue();
		}
	}

	@Test
	void ownerOfRemovedRecordThatLapsedDoesNotAcquireItAgain() {
		Lease owner = acquired(newKey(), SHORT_REFUSING);
		assertThat(store().remove(owner.key())).isTrue();
		advance(SHORT);
		assertThat(store().acquire(owner, newFingerprint(), TERMS)).isEqualTo(new Removed());
		assertThat(store().acquire(Lease.of(owner.key()), newFingerprint(), REFUSING)).isInstanceOf(Acquired.class);
	}

	@Test
	void renewsManyLeasesEachByItself() throws Exception {
		List<Lease> held = new ArrayList<>();
		for (int i = 0; i < 1200; i++) {
			held.add(acquired(newKey(), TERMS));
		}
		Lease abandoned = acquired(newKey(), SHORT_REFUSING);
		advance(SHORT);
		Lease completed = acquired(newKey(), TERMS);
		store().complete(completed, response("x"), EXPIRY);
		Lease released = acquired(newKey(), TERMS);
		store().release(released);
		Lease removed = acquired(newKey(), TERMS);
		store().remove(removed.key());
		Lease replaced = new Lease(held.get(0).key(), "another owner");
		Map<Lease, Boolean> expected = new HashMap<>();
		held.forEach((lease) -> expected.put(lease, true));
		expected.put(abandoned, true);
		List.of(completed, released, removed, replaced).forEach((lease) -> expected.put(lease, false));
		assertThat(renewAll(expected.keySet(), REFUSING)).isEqualTo(expected);
		assertThat(acquire(abandoned.key())).isInstanceOf(InProgress.class);
		assertThat(acquire(completed.key())).isInstanceOf(Completed.class);
		assertThat(acquire(released.key())).isInstanceOf(Acquired.class);
		assertThat(renewAll(List.of(), TERMS)).isEmpty();
	}

	@Test
	void leasesRenewedTogetherLastForTermsFromRenewal() throws Exception {
		List<Lease> leases = List.of(acquired(newKey(), TERMS), acquired(newKey(), TERMS));
		assertThat(renewAll(leases, SHORT_TERMS)).doesNotContainValue(false);
		advance(SHORT);
		for (Lease lease : leases) {
			assertThat(acquire(lease.key())).isInstanceOf(Acquired.class);
		}
	}

	private Map<Lease, Boolean> renewAll(Collection<Lease> leases, LeaseTerms terms) throws Exception {
		Map<Lease, Boolean> renewed = new HashMap<>();
		for (Map.Entry<Lease, CompletionStage<Boolean>> answer : store().renewAll(leases, terms).entrySet()) {
			renewed.put(answer.getKey(), answer.getValue().toCompletableFuture().get(1, TimeUnit.MINUTES));
		}
		return renewed;
	}

	@Test
	void hintsAtEveryChange() throws Exception {
		List<Lease> leases = new ArrayList<>();
		Map<RecordKey, CountDownLatch> hints = new HashMap<>();
		for (int i = 0; i < 3; i++) {
			Lease lease = acquired(newKey(), TERMS);
			CountDownLatch hint = new CountDownLatch(1);
			leases.add(lease);
			hints.put(lease.key(), hint);
			store().onChange(lease.key(), hint::countDown);
		}
		otherInstance().complete(leases.get(0), response("x"), EXPIRY);
		otherInstance().release(leases.get(1));
		otherInstance().remove(leases.get(2).key());
		for (CountDownLatch hint : hints.values()) {
			assertThat(hint.await(1, TimeUnit.MINUTES)).isTrue();
		}
	}

	@Test
	void saysWhatItIs() {
		assertThat(store().toString()).isNotEmpty().doesNotContain("@");
	}

	@Test
	void behavesLikeModel(TestReporter reporter) {
		long seed = Long.getLong("idempotency.test.seed", System.nanoTime());
		reporter.publishEntry("seed", Long.toString(seed));
		Random random = new Random(seed);
		List<Lease> leases = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			RecordKey key = newKey();
			for (int j = 0; j < 3; j++) {
				leases.add(Lease.of(key));
			}
		}
		Model model = new Model();
		for (int step = 0; step < 1000; step++) {
			model.step(step, leases.get(random.nextInt(leases.size())), random, seed);
		}
	}

	final List<Acquisition> acquireByAll(RecordKey key, LeaseTerms terms) throws Exception {
		return inParallel((store) -> store.acquire(Lease.of(key), Fingerprint.ANY, terms));
	}

	final <T> List<T> inParallel(StoreCall<T> call) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(THREADS);
		try {
			CyclicBarrier start = new CyclicBarrier(THREADS);
			List<Callable<T>> calls = new ArrayList<>();
			for (int i = 0; i < THREADS; i++) {
				IdempotencyStore store = (i % 2 == 0) ? store() : otherInstance();
				calls.add(() -> {
					start.await(1, TimeUnit.MINUTES);
					return call.on(store);
				});
			}
			return results(threads.invokeAll(calls));
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static <T> List<T> results(Collection<Future<T>> futures) throws InterruptedException, ExecutionException {
		List<T> results = new ArrayList<>();
		for (Future<T> future : futures) {
			results.add(future.get());
		}
		return results;
	}

	private void assertKept(Outcome outcome) {
		Lease lease = acquired(newKey(), TERMS);
		assertThat(store().complete(lease, outcome, EXPIRY)).isTrue();
		assertThat(acquire(lease.key())).extracting("outcome").isEqualTo(outcome);
	}

	final Acquisition acquire(RecordKey key) {
		return store().acquire(Lease.of(key), newFingerprint(), TERMS);
	}

	private Lease acquired(RecordKey key, LeaseTerms terms) {
		Lease lease = Lease.of(key);
		assertThat(store().acquire(lease, newFingerprint(), terms)).isInstanceOf(Acquired.class);
		return lease;
	}

	final RecordKey newKey() {
		return new RecordKey(newDigest());
	}

	final Fingerprint newFingerprint() {
		return new Fingerprint(newDigest());
	}

	private String newDigest() {
		StringBuilder digest = new StringBuilder();
		while (digest.length() < 64) {
			digest.append(Character.forDigit(this.random.nextInt(16), 16));
		}
		return digest.toString();
	}

	static StoredResponse response(String body) {
		return new StoredResponse(200, List.of(new StoredResponse.Header("X-Body", body)),
				body.getBytes(StandardCharsets.UTF_8));
	}

	/**
	 * A call of a store.
	 *
	 * @param <T> what it returns
	 */
	interface StoreCall<T> {

		T on(IdempotencyStore store) throws Exception;

	}

	/**
	 * What the store should hold, for one thread. Time passes only right after something
	 * was made short, so that it does not matter how long a step takes.
	 */
	private final class Model {

		private final Map<RecordKey, Held> records = new HashMap<>();

		private final List<String> history = new ArrayList<>();

		void step(int step, Lease lease, Random random, long seed) {
			Fingerprint fingerprint = (random.nextInt(5) > 0) ? newFingerprint() : Fingerprint.ANY;
			LeaseTerms terms = random.nextBoolean() ? TERMS : REFUSING;
			Outcome outcome = (random.nextInt(5) > 0) ? response("step " + step) : new ResponseNotStored();
			int operation = random.nextInt(100);
			Object expected;
			Object actual;
			if (operation < 45) {
				this.history.add("acquire " + lease + " " + terms);
				expected = expectedAcquisition(lease, fingerprint, terms);
				actual = store().acquire(lease, fingerprint, terms);
			}
			else if (operation < 60) {
				this.history.add("renew " + lease + " " + terms);
				expected = renewed(lease, false);
				actual = store().renew(lease, terms);
			}
			else if (operation < 72) {
				this.history.add("complete " + lease);
				expected = completed(lease, outcome);
				actual = store().complete(lease, outcome, random.nextBoolean() ? EXPIRY : Expiry.never());
			}
			else if (operation < 96) {
				this.history.add("release " + lease);
				expected = released(lease);
				actual = store().release(lease);
			}
			else if (operation < 98) {
				this.history.add("complete until expired " + lease);
				Held held = this.records.get(lease.key());
				boolean inProgress = held != null && held.outcome() == null;
				expected = completed(lease, outcome);
				actual = store().complete(lease, outcome, SHORT_EXPIRY);
				if (inProgress && expected.equals(true)) {
					advance(SHORT);
					this.records.remove(lease.key());
				}
			}
			else {
				boolean refusing = random.nextBoolean();
				this.history.add("lapse " + lease + (refusing ? " refusing" : ""));
				expected = renewed(lease, true);
				actual = store().renew(lease, refusing ? SHORT_REFUSING : SHORT_TERMS);
				if (expected.equals(true)) {
					advance(SHORT);
					if (!refusing) {
						this.records.remove(lease.key());
					}
				}
			}
			if (actual instanceof Acquired && expected instanceof Acquired) {
				return;
			}
			assertThat(actual).as("seed %s, %s", seed, this.history).isEqualTo(expected);
		}

		private Acquisition expectedAcquisition(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
			Held held = this.records.get(lease.key());
			if (held != null && held.outcome() != null) {
				return new Completed(held.fingerprint(), held.outcome());
			}
			if (held != null && !held.owner().equals(lease)) {
				if (!held.lapsed()) {
					return new InProgress(held.fingerprint());
				}
				if (terms.abandonedExpiry() != null) {
					return new Abandoned(held.fingerprint());
				}
			}
			this.records.put(lease.key(), new Held(lease, fingerprint, null, false));
			return new Acquired(0);
		}

		private boolean renewed(Lease lease, boolean lapsed) {
			Held held = this.records.get(lease.key());
			boolean renewed = held != null && held.owner().equals(lease) && held.outcome() == null;
			if (held != null && renewed) {
				this.records.put(lease.key(), new Held(lease, held.fingerprint(), null, lapsed));
			}
			return renewed;
		}

		private boolean completed(Lease lease, Outcome outcome) {
			Held held = this.records.get(lease.key());
			if (held == null || !held.owner().equals(lease)) {
				return false;
			}
			if (held.outcome() == null) {
				this.records.put(lease.key(), new Held(lease, held.fingerprint(), outcome, false));
			}
			return true;
		}

		private boolean released(Lease lease) {
			Held held = this.records.get(lease.key());
			boolean released = held != null && held.owner().equals(lease) && held.outcome() == null;
			if (released) {
				this.records.remove(lease.key());
			}
			return released;
		}

	}

	/**
	 * A record of the model.
	 *
	 * @param outcome {@code null} while it is in progress
	 */
	private record Held(Lease owner, Fingerprint fingerprint, @Nullable Outcome outcome, boolean lapsed) {
	}

}
