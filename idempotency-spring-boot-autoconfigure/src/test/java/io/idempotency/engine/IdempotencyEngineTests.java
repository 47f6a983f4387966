package io.idempotency.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What happens between an execution, its renewals and a store that fails.
 */
@Tag("quick")
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
			eventually().until(
					() -> refusing.begin(new Claim(this.store, KEY, FINGERPRINT, EXPIRY, "POST /", Entry.HTTP)),
					new Attempt.OutcomeUnknown()::equals);
			assertThat(refusing.begin(new Claim(this.store, KEY, OTHER, EXPIRY, "POST /", Entry.HTTP)))
				.isEqualTo(new Attempt.KeyReused());
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
	void freesRecordThatIsClaimedAgainWhileItIsReleased() throws Exception {
		Execution execution = proceed(this.engine);
		CountDownLatch claiming = new CountDownLatch(1);
		CountDownLatch mayClaim = new CountDownLatch(1);
		this.store.before("acquire", () -> {
			claiming.countDown();
			awaitLatch(mayClaim);
		});
		this.store.loseRecords();
		assertThat(claiming.await(1, TimeUnit.MINUTES)).isTrue();
		execution.release();
		assertThat(this.store.calls()).containsExactly("acquire", "renew", "release");
		mayClaim.countDown();
		eventually().until(() -> this.store.calls("release") == 2);
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
		execution.release();
		mayRenew.countDown();
		eventually().until(() -> this.store.calls("renew") == 1);
		assertNoFurther("acquire");
		assertThat(this.store.calls()).containsExactly("acquire", "release", "renew");
	}

	// C5
	@Test
	void renewsAllLeasesInOneCall() {
		List<Execution> executions = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			executions.add(proceedAs("key " + i, this.engine));
		}
		eventually().until(() -> this.store.calls("renew") >= 100);
		assertThat(this.store.bulkRenewals()).isLessThan(20);
		assertThat(executions).allMatch(Execution::isLeaseHeld);
		executions.forEach(Execution::release);
	}

	// C9
	@Test
	void tellsWhetherLeaseIsHeld() {
		Execution lost = proceed(this.engine);
		assertThat(lost.isLeaseHeld()).isTrue();
		assertThat(lost.fencingToken()).isPositive();
		Lease owner = takeOver();
		eventually().until(() -> !lost.isLeaseHeld());
		this.store.release(owner);
		assertNoFurther("renew");
		assertThat(lost.isLeaseHeld()).isFalse();
	}

	// C9
	@Test
	void leaseIsNotHeldThatStoreCouldNotRenew() {
		this.store.fail("renew", 1000);
		Execution execution = proceed(this.engine);
		eventually().until(() -> !execution.isLeaseHeld());
	}

	// C9
	@Test
	void ownerDoesNotClaimRecordAgainThatWasRemoved() {
		Execution execution = proceed(this.engine);
		this.store.remove(KEY);
		eventually().until(() -> !execution.isLeaseHeld());
		assertThat(begin(OTHER)).isInstanceOf(Attempt.Proceed.class);
		execution.complete(RESPONSE);
		assertThat(begin(OTHER)).isEqualTo(new Attempt.InProgress());
		assertThat(this.outcomes).containsExactly(RequestOutcome.LEASE_LOST);
	}

	// C9
	@Test
	void renewsLeaseNoMoreAfterLongestLease() {
		EngineSettings settings = new EngineSettings(Duration.ofMillis(200), Duration.ofMillis(500), true,
				Duration.ofMinutes(1), 1000, 10, 1000);
		try (IdempotencyEngine limited = engine(settings)) {
			proceed(limited);
			eventually().until(() -> this.store.calls("renew") > 0);
			eventually().until(() -> begin(FINGERPRINT) instanceof Attempt.Proceed);
			assertNoFurther("renew");
		}
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
	void keepsOutcomeForLongerThanLeaseUntilStoreIsBack() {
		AtomicBoolean away = new AtomicBoolean();
		this.store.failWhile(away::get);
		Execution execution = proceed(this.engine);
		away.set(true);
		execution.complete(RESPONSE);
		await().pollDelay(Duration.ofSeconds(1)).until(() -> true);
		this.store.loseRecords();
		away.set(false);
		Claim retry = new Claim(this.store, KEY, FINGERPRINT, EXPIRY, "POST /", Entry.HTTP);
		Attempt attempt = eventually().until(() -> this.engine.begin(retry),
				(answer) -> !(answer instanceof Attempt.StoreUnavailable));
		assertThat(attempt).as("what the first retry gets that the store answers")
			.isEqualTo(new Attempt.Replay(RESPONSE));
	}

	// E5
	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void givesOutcomeUpAfterRetention(CapturedOutput output) {
		EngineSettings settings = new EngineSettings(Duration.ofMillis(300), null, true, Duration.ofMillis(200), 1000,
				10, 1000);
		try (IdempotencyEngine forgetful = engine(settings)) {
			this.store.fail("complete", 1000);
			proceed(forgetful).complete(RESPONSE);
			eventually().until(() -> this.outcomes.contains(RequestOutcome.GIVEN_UP));
			assertThat(output.getAll()).contains("given up");
			assertNoFurther("complete");
		}
	}

	// E5
	@Test
	void keepsOnlyThatRequestCompletedWhereResponsesTakeTooMuchMemory() {
		EngineSettings settings = new EngineSettings(Duration.ofMillis(300), null, true, Duration.ofMinutes(1), 10_000,
				10, 1000);
		try (IdempotencyEngine small = engine(settings)) {
			this.store.fail("complete", 1);
			proceed(small).complete(new StoredResponse(200, List.of(), new byte[20_000]));
			eventually().until(() -> begin(FINGERPRINT), new Attempt.ResponseNotStored()::equals);
		}
	}

	// E6
	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void doesNotAskStoreThatIsAway(CapturedOutput output) {
		LoggingSystem.get(getClass().getClassLoader()).setLogLevel(StoreHealth.class.getName(), LogLevel.INFO);
		AtomicBoolean away = new AtomicBoolean(true);
		this.store.failWhile(away::get);
		for (int i = 0; i < 50; i++) {
			assertThat(begin(FINGERPRINT)).isInstanceOf(Attempt.StoreUnavailable.class);
		}
		assertThat(this.store.calls("acquire")).isLessThan(10);
		away.set(false);
		eventually().until(() -> begin(FINGERPRINT) instanceof Attempt.Proceed);
		assertThat(output.getAll()).containsOnlyOnce("does not answer:").containsOnlyOnce("answers again");
	}

	// O6
	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void tellsWhatBecameOfOutcomesDuringOutageInTwoLines(CapturedOutput output) {
		LoggingSystem.get(getClass().getClassLoader()).setLogLevel(StoreHealth.class.getName(), LogLevel.INFO);
		AtomicBoolean away = new AtomicBoolean();
		this.store.failWhile(away::get);
		List<Execution> executions = Stream.of("a", "b", "c").map((name) -> proceedAs(name, this.engine)).toList();
		away.set(true);
		executions.forEach((execution) -> execution.complete(RESPONSE));
		eventually().until(() -> output.getAll().contains("does not answer:"));
		away.set(false);
		eventually().until(() -> output.getAll().contains("answers again"));
		assertThat(output.getAll()).containsOnlyOnce(" WARN ")
			.containsOnlyOnce(" INFO ")
			.contains("; 3 outcomes were kept for it");
	}

	// O6
	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void tellsAtEndOfOutageHowManyOutcomesWereGivenUp(CapturedOutput output) {
		LoggingSystem.get(getClass().getClassLoader()).setLogLevel(StoreHealth.class.getName(), LogLevel.INFO);
		EngineSettings settings = new EngineSettings(Duration.ofMillis(300), null, true, Duration.ofMillis(200), 1000,
				10, 1000);
		try (IdempotencyEngine forgetful = engine(settings)) {
			AtomicBoolean away = new AtomicBoolean();
			this.store.failWhile(away::get);
			List<Execution> executions = Stream.of("a", "b").map((name) -> proceedAs(name, forgetful)).toList();
			away.set(true);
			executions.forEach((execution) -> execution.complete(RESPONSE));
			eventually().until(() -> this.outcomes.size() == 2 && output.getAll().contains("does not answer:"));
			away.set(false);
			eventually().until(() -> output.getAll().contains("answers again"));
			assertThat(output.getAll())
				.contains("; 2 outcomes were kept for it: 0 are settled, 0 wait, 2 were given up");
		}
	}

	// O6
	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void warnsOnceOfStoreThatAnswersButDoesNotTakeOutcomes(CapturedOutput output) {
		this.store.fail("complete", 1000);
		Stream.of("a", "b", "c").map((name) -> proceedAs(name, this.engine)).forEach((execution) -> {
			execution.complete(RESPONSE);
			assertThat(this.outcomes).isEmpty();
		});
		eventually().until(() -> output.getAll().contains("answers, but"));
		eventually().until(() -> this.store.calls("complete failed") > 30);
		assertThat(output.getAll()).containsOnlyOnce(" WARN ")
			.contains("answers, but has failed again to store the outcome of record ");
	}

	// E6
	@ParameterizedTest
	@ValueSource(ints = { 0, 100 })
	void refusesNobodyWhileStoreAnswersThoughManyWaitForTheirTurn(int quickAnswersBefore) {
		for (int i = 0; i < quickAnswersBefore; i++) {
			proceedAs("before " + i, this.patient);
		}
		for (int i = 0; i < 300; i++) {
			this.store.before("acquire",
					() -> new CompletableFuture<>().completeOnTimeout(null, 150, TimeUnit.MILLISECONDS).join());
		}
		List<CompletableFuture<Attempt>> attempts = beginAtOnce(300);
		assertThat(attempts.stream().map(CompletableFuture::join)).hasOnlyElementsOfType(Attempt.Proceed.class);
	}

	// E6
	@Test
	void refusesOthersWhileStoreHangsForThoseWhoseTurnItIs() {
		CountDownLatch mayAnswer = new CountDownLatch(1);
		for (int i = 0; i < 64; i++) {
			this.store.before("acquire", () -> awaitLatch(mayAnswer));
		}
		List<CompletableFuture<Attempt>> attempts = beginAtOnce(100);
		eventually().until(() -> attempts.stream().filter(CompletableFuture::isDone).count() == 36);
		assertThat(attempts).filteredOn(CompletableFuture::isDone)
			.allSatisfy((attempt) -> assertThat(attempt.join()).isInstanceOf(Attempt.StoreUnavailable.class));
		mayAnswer.countDown();
		assertThat(attempts.stream().map(CompletableFuture::join)).hasAtLeastOneElementOfType(Attempt.Proceed.class);
	}

	private List<CompletableFuture<Attempt>> beginAtOnce(int requests) {
		return IntStream.range(0, requests)
			.mapToObj((i) -> new Claim(this.store, key("request " + i), FINGERPRINT, EXPIRY, "POST /", Entry.HTTP))
			.map((claim) -> CompletableFuture.supplyAsync(() -> this.patient.begin(claim),
					(task) -> new Thread(task).start()))
			.toList();
	}

	// E6
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void storeThatIsBackGetsLeasesAndOutcomesBeforeItIsAskedByRequests(boolean answersLater) {
		if (answersLater) {
			this.store.answerRenewalsOnThreadOfConnection();
		}
		AtomicBoolean away = new AtomicBoolean();
		this.store.failWhile(away::get);
		Execution running = proceedAs("running", this.patient);
		Execution ended = proceed(this.patient);
		away.set(true);
		ended.complete(RESPONSE);
		for (int i = 0; i < 5; i++) {
			begin(FINGERPRINT);
		}
		this.store.loseRecords();
		away.set(false);
		eventually().until(() -> !(begin(FINGERPRINT) instanceof Attempt.StoreUnavailable));
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
		assertThat(this.patient.begin(new Claim(this.store, key("running"), FINGERPRINT, EXPIRY, "POST /", Entry.HTTP)))
			.isEqualTo(new Attempt.InProgress());
		running.release();
	}

	// E8
	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	void claimThatIsCarriedOutAfterItWasWithdrawnBlocksNothing(boolean takesOver) {
		try (IdempotencyEngine other = engine(Duration.ofHours(1), takesOver)) {
			Claim claim = new Claim(this.store, KEY, FINGERPRINT, EXPIRY, "POST /", Entry.HTTP);
			Runnable late = this.store.delayNextClaim();
			assertThat(other.begin(claim)).isInstanceOf(Attempt.StoreUnavailable.class);
			eventually().until(() -> this.store.calls("release") > 0);
			late.run();
			assertThat(other.begin(claim)).isEqualTo(new Attempt.InProgress());
			eventually().until(() -> other.begin(claim) instanceof Attempt.Proceed);
		}
	}

	// S7
	@Test
	void handlerDoesNotRunAgainWhoseOutcomeAnsweringStoreDoesNotTake() {
		try (IdempotencyEngine other = engine(Duration.ofSeconds(3), true)) {
			Claim claim = new Claim(this.store, KEY, FINGERPRINT, EXPIRY, "POST /", Entry.HTTP);
			Execution execution = ((Attempt.Proceed) other.begin(claim)).execution();
			this.store.refuse(StoredResponse.class);
			execution.complete(RESPONSE);
			eventually().until(() -> other.begin(claim), (attempt) -> {
				assertThat(attempt).isIn(new Attempt.InProgress(), new Attempt.ResponseNotStored());
				return attempt.equals(new Attempt.ResponseNotStored());
			});
		}
	}

	// E7
	@Test
	void stopWaitsForOutcomeThatIsBeingSent() throws Exception {
		CountDownLatch sent = new CountDownLatch(1);
		CountDownLatch mayArrive = new CountDownLatch(1);
		Execution execution = proceed(this.engine);
		this.store.fail("complete", 1).before("complete", () -> {
			sent.countDown();
			try {
				mayArrive.await();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException("The store was interrupted", ex);
			}
		});
		execution.complete(RESPONSE);
		assertThat(sent.await(1, TimeUnit.MINUTES)).isTrue();
		Thread stopping = new Thread(this.engine::stop);
		stopping.start();
		eventually().until(() -> stopping.getState() == Thread.State.TIMED_WAITING || !stopping.isAlive());
		mayArrive.countDown();
		stopping.join();
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
	}

	// C8
	@Test
	void oneOfThoseThatWaitLooksWhenKeyIsReleasedAndAllWhenItIsCompleted() {
		this.store.hint();
		Execution first = proceed(this.patient);
		List<CompletableFuture<Void>> waiting = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.InProgress());
			Waiting joined = waitFor(this.patient);
			assertThat(joined.lookNow()).isEqualTo(i == 0);
			waiting.add(joined.change());
		}
		first.release();
		assertThat(waiting).filteredOn(CompletableFuture::isDone).hasSize(1);
		assertThat(this.patient.waiting()).isEqualTo(19);
		Execution second = proceed(this.patient);
		second.complete(RESPONSE);
		assertThat(waiting).filteredOn(CompletableFuture::isDone).hasSize(2);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
		assertThat(waiting).allMatch(CompletableFuture::isDone);
		assertThat(this.patient.waiting()).isZero();
		assertThat(this.store.calls("onChange")).isEqualTo(1);
	}

	// C8
	@Test
	void boundsWaitingRequestsInNumberAndBytes() {
		EngineSettings settings = new EngineSettings(Duration.ofHours(1), null, true, Duration.ofMinutes(1), 1000, 3,
				1_000_000);
		try (IdempotencyEngine small = engine(settings)) {
			Execution first = proceed(small);
			Claim claim = new Claim(this.store, KEY, FINGERPRINT, EXPIRY, "POST /", Entry.HTTP);
			Waiting large = waitFor(small, 700_000);
			assertThat(small.awaitChange(claim, Duration.ofHours(1), 700_000)).as("too many bytes").isNull();
			large.change().cancel(false);
			for (int i = 0; i < 3; i++) {
				waitFor(small, 0);
			}
			assertThat(small.awaitChange(claim, Duration.ofHours(1), 0)).as("too many requests").isNull();
			assertThat(small.waiting()).isEqualTo(3);
			first.release();
		}
	}

	private Waiting waitFor(IdempotencyEngine engine) {
		return waitFor(engine, 0);
	}

	private Waiting waitFor(IdempotencyEngine engine, long bytes) {
		Waiting waiting = engine.awaitChange(new Claim(this.store, KEY, FINGERPRINT, EXPIRY, "POST /", Entry.HTTP),
				Duration.ofHours(1), bytes);
		return Objects.requireNonNull(waiting);
	}

	// E4, E8
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
		assertThat(this.store.calls()).as("it may have been acquired, and only its steps be unreadable")
			.containsExactly("acquire failed", "release");
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
		assertThat(this.engine.begin(new Claim(this.store, KEY, FINGERPRINT, EXPIRY, "POST /", Entry.HTTP)))
			.isInstanceOf(Attempt.Proceed.class);
		assertThat(this.store.calls()).startsWith("acquire", "renew");
	}

	// C1
	@Test
	void doesNotRunHandlerWhereStoreAnsweredAfterLeaseHadLapsed() {
		this.store.before("acquire", IdempotencyEngineTests::outlastThirdOfLease);
		this.store.before("renew", this.store::loseRecords);
		assertThat(this.engine.begin(new Claim(this.store, KEY, FINGERPRINT, EXPIRY, "POST /", Entry.HTTP)))
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
		assertThat(this.store.calls()).contains("complete failed").doesNotContain("complete");
		closing.close();
		assertThat(this.store.calls()).contains("complete");
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

	// E7
	@Test
	void requestThatFailsAfterCloseDoesNotFreeItsKey() {
		IdempotencyEngine closing = engine(Duration.ofMinutes(1), true);
		Execution execution = proceed(closing);
		closing.close();
		execution.release();
		assertThat(this.outcomes).containsExactly(RequestOutcome.ABANDONED);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.InProgress());
	}

	@Test
	void renewsLeasesOfRequestsThatComeAfterStop() {
		this.engine.stop();
		Execution execution = proceed(this.engine);
		eventually().until(() -> this.store.calls("renew") >= 3);
		execution.release();
		assertThat(this.outcomes).containsExactly(RequestOutcome.NOT_STORED);
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
		assertThat(closed.begin(new Claim(this.store, KEY, FINGERPRINT, EXPIRY, "POST /", Entry.HTTP)))
			.isInstanceOf(Attempt.StoreUnavailable.class);
		proceed(closed).complete(RESPONSE);
		assertThat(begin(FINGERPRINT)).isEqualTo(new Attempt.Replay(RESPONSE));
	}

	private Attempt begin(Fingerprint fingerprint) {
		return this.patient.begin(new Claim(this.store, KEY, fingerprint, EXPIRY, "POST /", Entry.HTTP));
	}

	private Execution proceed(IdempotencyEngine engine) {
		return proceed(engine, KEY);
	}

	private Execution proceedAs(String name, IdempotencyEngine engine) {
		return proceed(engine, key(name));
	}

	private static RecordKey key(String name) {
		return new RecordKey("%064x".formatted(name.hashCode()));
	}

	private Execution proceed(IdempotencyEngine engine, RecordKey key) {
		Attempt attempt = engine.begin(new Claim(this.store, key, FINGERPRINT, EXPIRY, "POST /", Entry.HTTP));
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
		return engine(new EngineSettings(leaseDuration, takeOverAbandoned));
	}

	private IdempotencyEngine engine(EngineSettings settings) {
		IdempotencyListener listener = new IdempotencyListener() {
			@Override
			public void onRequest(IdempotencyEvent event) {
				IdempotencyEngineTests.this.outcomes.add(event.outcome());
			}
		};
		return new IdempotencyEngine(settings, new IdempotencyListeners(List.of(listener)), StoreObserver.NONE);
	}

}
