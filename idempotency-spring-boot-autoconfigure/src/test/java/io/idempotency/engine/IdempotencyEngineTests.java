package io.idempotency.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.UnreadableRecordException;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What happens between an execution, its renewals and a store that fails.
 */
@Timeout(120)
class IdempotencyEngineTests {

	private static final RecordKey KEY = new RecordKey("0".repeat(64));

	private static final Fingerprint FINGERPRINT = new Fingerprint("1".repeat(64));

	private static final Fingerprint OTHER = new Fingerprint("2".repeat(64));

	private static final Expiry EXPIRY = Expiry.after(Duration.ofHours(1));

	private static final LeaseTerms TERMS = new LeaseTerms(Duration.ofHours(1), null);

	private static final StoredResponse RESPONSE = new StoredResponse(201, List.of(), new byte[] { 1 });

	private final ScriptedStore store = new ScriptedStore();

	private final List<RequestOutcome> outcomes = new CopyOnWriteArrayList<>();

	private final IdempotencyEngine engine = engine(Duration.ofMillis(300), true);

	private final IdempotencyEngine patient = engine(Duration.ofHours(1), true);

	@AfterEach
	void close() {
		this.engine.close();
		this.patient.close();
	}

	@Test
	void answersWithWhatIsThere() {
		Execution execution = proceed(this.patient);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.InProgress());
		assertThat(begin(OTHER)).isEqualTo(new Attempt.KeyReused());
		assertThat(begin(Fingerprint.ANY)).isEqualTo(new Attempt.InProgress());
		execution.complete(RESPONSE);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
		assertThat(begin(Fingerprint.ANY)).isEqualTo(new Attempt.Replay(RESPONSE));
		assertThat(begin(OTHER)).isEqualTo(new Attempt.KeyReused());
	}

	@Test
	void answersThatResponseWasNotStored() {
		proceed(this.patient).complete(new ResponseNotStored());
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.ResponseNotStored());
		assertThat(begin(OTHER)).isEqualTo(new Attempt.KeyReused());
	}

	// C7
	@Test
	void answersThatOutcomeIsUnknownWhereLeasesAreNotTakenOver() {
		try (IdempotencyEngine refusing = engine(Duration.ofHours(1), false)) {
			this.store.acquire(Lease.of(KEY), FINGERPRINT, new LeaseTerms(Duration.ofMillis(1), Expiry.never()));
			eventually().until(() -> refusing.begin(this.store, KEY, FINGERPRINT, EXPIRY),
					new Attempt.OutcomeUnknown()::equals);
			assertThat(refusing.begin(this.store, KEY, OTHER, EXPIRY)).isEqualTo(new Attempt.KeyReused());
		}
	}

	@Test
	void endsOnce() {
		Execution execution = proceed(this.patient);
		assertThat(execution.isOpen()).isTrue();
		execution.complete(RESPONSE);
		assertThat(execution.isOpen()).isFalse();
		execution.release();
		execution.complete(new ResponseNotStored());
		assertThat(this.store.calls()).containsExactly("acquire", "complete");
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
	}

	@Test
	void releasedKeyIsFree() {
		proceed(this.patient).release();
		assertThat(begin(OTHER)).isInstanceOf(Attempt.Proceed.class);
	}

	// C5
	@Test
	void renewsLeaseWhileHandlerRuns() {
		Execution execution = proceed(this.engine);
		eventually().until(() -> this.store.calls("renew") >= 6);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.InProgress());
		execution.complete(RESPONSE);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
		assertNoFurther("renew");
	}

	// C5
	@Test
	void renewsLeaseAgainAfterStoreFailed() {
		this.store.fail("renew", 2);
		Execution execution = proceed(this.engine);
		eventually().until(() -> this.store.calls("renew") >= 4);
		execution.complete(RESPONSE);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
	}

	// C6
	@Test
	void endWaitsForRenewalThatClaimsRecordAgain() throws Exception {
		Execution execution = proceed(this.engine);
		CountDownLatch claiming = new CountDownLatch(1);
		CountDownLatch mayClaim = new CountDownLatch(1);
		this.store.before("acquire", () -> {
			claiming.countDown();
			awaitLatch(mayClaim);
		});
		this.store.loseRecords();
		assertThat(claiming.await(1, TimeUnit.MINUTES)).isTrue();
		Thread end = new Thread(execution::release);
		end.start();
		eventually().until(() -> end.getState() == Thread.State.WAITING);
		assertThat(this.store.calls()).containsExactly("acquire", "renew");
		mayClaim.countDown();
		end.join();
		assertThat(this.store.calls()).containsExactly("acquire", "renew", "acquire", "release");
		assertThat(begin(OTHER)).isInstanceOf(Attempt.Proceed.class);
	}

	// C6
	@Test
	void renewalDoesNotClaimRecordAgainThatHasEnded() throws Exception {
		CountDownLatch renewing = new CountDownLatch(1);
		CountDownLatch mayRenew = new CountDownLatch(1);
		this.store.before("renew", () -> {
			this.store.loseRecords();
			renewing.countDown();
			awaitLatch(mayRenew);
		});
		Execution execution = proceed(this.engine);
		assertThat(renewing.await(1, TimeUnit.MINUTES)).isTrue();
		Thread end = new Thread(execution::release);
		end.start();
		eventually().until(() -> end.getState() == Thread.State.WAITING);
		mayRenew.countDown();
		end.join();
		assertThat(this.store.calls()).containsExactly("acquire", "renew", "release");
	}

	// C5
	@Test
	void claimsRecordAgainThatStoreLost() {
		Execution execution = proceed(this.engine);
		this.store.loseRecords();
		eventually().until(() -> this.store.calls("acquire") == 2);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.InProgress());
		execution.complete(RESPONSE);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
	}

	// E5
	@Test
	void completesThoughStoreLostRecord() {
		Execution execution = proceed(this.patient);
		this.store.loseRecords();
		execution.complete(RESPONSE);
		assertThat(this.store.calls()).containsExactly("acquire", "complete", "acquire", "complete");
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
	}

	// C6
	@Test
	void stopsRenewingLeaseThatWasTakenOver() {
		Execution lost = proceed(this.engine);
		takeOver();
		eventually().until(() -> this.store.calls("renew") > 0);
		assertNoFurther("renew");
		lost.complete(RESPONSE);
		assertThat(begin(OTHER)).isEqualTo(new Attempt.InProgress());
	}

	// C6
	@Test
	void changesNothingOnceLeaseWasTakenOver() {
		Execution lost = proceed(this.patient);
		Lease owner = takeOver();
		lost.complete(RESPONSE);
		assertThat(begin(OTHER)).isEqualTo(new Attempt.InProgress());
		this.store.complete(owner, new ResponseNotStored(), EXPIRY);
		assertThat(begin(OTHER)).isEqualTo(new Attempt.ResponseNotStored());
	}

	// C6
	@Test
	void releasesNothingOnceLeaseWasTakenOver() {
		Execution lost = proceed(this.patient);
		takeOver();
		lost.release();
		assertThat(begin(OTHER)).isEqualTo(new Attempt.InProgress());
	}

	// E5
	@Test
	void storesOutcomeInBackgroundOnceStoreIsBack() {
		this.store.fail("complete", 2);
		proceed(this.engine).complete(RESPONSE);
		assertThat(this.store.calls("complete")).as("tried before the client gets its response").isPositive();
		eventually().until(() -> begin(FINGERPRINT), new Attempt.Replay(RESPONSE)::equals);
		assertThat(this.store.calls("complete failed")).isEqualTo(2);
	}

	// E5
	@Test
	void releasesInBackgroundOnceStoreIsBack() {
		this.store.fail("release", 2);
		proceed(this.engine).release();
		eventually().until(() -> this.store.calls().contains("release"));
		assertThat(this.store.calls("release")).isEqualTo(3);
	}

	// E5
	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void givesOutcomeUpOnceLeaseIsOver(CapturedOutput output) {
		this.store.fail("complete", 1000);
		proceed(this.engine).complete(RESPONSE);
		eventually().until(() -> output.getAll().contains("given up"));
		assertThat(this.store.calls("complete")).isGreaterThan(2);
		assertNoFurther("complete");
	}

	// E4
	@Test
	void withdrawsClaimThatStoreMayHaveGot() {
		this.store.fail("acquire", 1).fail("release", 1);
		Attempt attempt = begin(FINGERPRINT);
		assertThat(attempt).isInstanceOf(Attempt.StoreUnavailable.class);
		eventually().until(() -> this.store.calls().contains("release"));
	}

	// E4
	@Test
	void tellsUnreadableRecordFromStoreThatFails() {
		UnreadableRecordException unreadable = new UnreadableRecordException("Not a record");
		this.store.before("acquire", () -> {
			throw unreadable;
		});
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.RecordUnreadable(unreadable));
		assertThat(this.store.calls()).containsExactly("acquire failed");
	}

	@Test
	void endsSoonUnlessEnded() {
		Execution ended = proceed(this.engine);
		ended.endSoon(ended::release);
		ended.complete(RESPONSE);
		Execution open = proceedAs("other", this.engine);
		open.endSoon(open::release);
		assertThat(open.isOpen()).isTrue();
		eventually().until(() -> !open.isOpen());
		eventually().until(() -> this.store.calls("release") == 1);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
	}

	// C7
	@Test
	void abandonedExecutionBlocksKeyUntilLeaseLapses() {
		Execution execution = proceed(this.engine);
		execution.abandon();
		execution.release();
		assertThat(execution.isOpen()).isFalse();
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.InProgress());
		assertNoFurther("renew");
		assertThat(this.store.calls("release")).isZero();
		eventually().until(() -> begin(FINGERPRINT) instanceof Attempt.Proceed);
	}

	// C1
	@Test
	void renewsLeaseBeforeHandlerRunsWhereStoreAnsweredLate() {
		this.store.before("acquire", IdempotencyEngineTests::outlastThirdOfLease);
		assertThat(this.engine.begin(this.store, KEY, FINGERPRINT, EXPIRY)).isInstanceOf(Attempt.Proceed.class);
		assertThat(this.store.calls()).startsWith("acquire", "renew");
	}

	// C1
	@Test
	void doesNotRunHandlerWhereStoreAnsweredAfterLeaseHadLapsed() {
		this.store.before("acquire", IdempotencyEngineTests::outlastThirdOfLease);
		this.store.before("renew", this.store::loseRecords);
		assertThat(this.engine.begin(this.store, KEY, FINGERPRINT, EXPIRY))
			.isInstanceOf(Attempt.StoreUnavailable.class);
	}

	private static void outlastThirdOfLease() {
		await().pollDelay(Duration.ofMillis(150)).until(() -> true);
	}

	// E5
	@Test
	void closeGivesOutcomesALastTry() {
		IdempotencyEngine closing = engine(Duration.ofMinutes(1), true);
		this.store.fail("complete", 1);
		proceed(closing).complete(RESPONSE);
		assertThat(this.store.calls()).containsExactly("acquire", "complete failed");
		closing.close();
		assertThat(this.store.calls()).containsExactly("acquire", "complete failed", "complete");
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
	}

	@Test
	void closeStopsRenewing() {
		IdempotencyEngine closing = engine(Duration.ofMillis(200), true);
		Execution execution = proceed(closing);
		eventually().until(() -> this.store.calls("renew") > 0);
		closing.close();
		assertNoFurther("renew");
		execution.complete(RESPONSE);
		assertThat(this.store.calls()).contains("complete");
	}

	@Test
	void closeDoesNotWaitForStoreThatHangs() {
		IdempotencyEngine closing = engine(Duration.ofMillis(200), true);
		CountDownLatch hanging = new CountDownLatch(1);
		CountDownLatch never = new CountDownLatch(1);
		this.store.before("renew", () -> {
			hanging.countDown();
			awaitLatch(never);
		});
		proceed(closing);
		awaitLatch(hanging);
		CompletableFuture<Void> closed = CompletableFuture.runAsync(closing::close);
		assertThat(closed).succeedsWithin(Duration.ofSeconds(30));
	}

	@Test
	void worksAfterCloseWithoutBackground() {
		IdempotencyEngine closed = engine(Duration.ofMinutes(1), true);
		closed.close();
		this.store.fail("acquire", 1);
		assertThat(closed.begin(this.store, KEY, FINGERPRINT, EXPIRY)).isInstanceOf(Attempt.StoreUnavailable.class);
		proceed(closed).complete(RESPONSE);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
	}

	private Attempt begin(Fingerprint fingerprint) {
		return this.patient.begin(this.store, KEY, fingerprint, EXPIRY);
	}

	private Execution proceed(IdempotencyEngine engine) {
		return proceed(engine, KEY);
	}

	private Execution proceedAs(String name, IdempotencyEngine engine) {
		return proceed(engine, new RecordKey("%064x".formatted(name.hashCode())));
	}

	private Execution proceed(IdempotencyEngine engine, RecordKey key) {
		Attempt attempt = engine.begin(this.store, key, FINGERPRINT, EXPIRY);
		assertThat(attempt).isInstanceOf(Attempt.Proceed.class);
		return ((Attempt.Proceed) attempt).execution();
	}

	/**
	 * Gives the record to another request, as when a lease has lapsed.
	 */
	private Lease takeOver() {
		this.store.loseRecords();
		Lease owner = Lease.of(KEY);
		assertThat(this.store.acquire(owner, OTHER, TERMS)).isInstanceOf(Acquisition.Acquired.class);
		return owner;
	}

	private void assertNoFurther(String method) {
		long calls = this.store.calls(method);
		await().during(Duration.ofMillis(400))
			.untilAsserted(() -> assertThat(this.store.calls(method)).isEqualTo(calls));
	}

	private static ConditionFactory eventually() {
		return await().atMost(Duration.ofMinutes(1)).pollInterval(Duration.ofMillis(5));
	}

	private static void awaitLatch(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private IdempotencyEngine engine(Duration leaseDuration, boolean takeOverAbandoned) {
		IdempotencyListener listener = new IdempotencyListener() {
			@Override
			public void onRequest(IdempotencyEvent event) {
				IdempotencyEngineTests.this.outcomes.add(event.outcome());
			}
		};
		return new IdempotencyEngine(leaseDuration, takeOverAbandoned, new IdempotencyListeners(List.of(listener)),
				StoreObserver.NONE);
	}

}
