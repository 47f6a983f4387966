package io.idempotency.step;

import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.StepMismatchException;
import io.idempotency.StepMode;
import io.idempotency.StepNotStoredException;
import io.idempotency.engine.Entry;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.store.Acquisition;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredRecord;
import io.idempotency.testing.RecordedEvents;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Q: a handler resumes where an earlier attempt was cut off.
 */
@ParameterizedClass
@EnumSource
class StepTests {

	private static final Scripts SCRIPTS = new Scripts();

	private static final Map<String, RecordKey> RECORDS = new ConcurrentHashMap<>();

	private static final String NONE = "none";

	private final TestApp app;

	private final String key = TestApp.newKey();

	private final Runs runs = new Runs();

	StepTests(StoreKind store) {
		this.app = TestApp.shared(List.of(Orders.class, Recording.class), store, "idempotency.lease-duration=1s",
				"idempotency.encryption.key=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
				"logging.level.io.idempotency=off", "logging.level.org.apache.catalina=off");
	}

	@AfterEach
	void noLeaseIsLeft() {
		await().until(() -> this.app.bean(IdempotencyEngine.class).leasesHeld() == 0);
	}

	@Test
	@DisplayName("Q1: a later attempt gets the results of the steps that were taken, and their work does not run again")
	void resumesBehindLastStep() {
		StringBuilder keys = new StringBuilder();
		script((context) -> {
			Receipt receipt = context.step("capture", Receipt.class, (step) -> {
				this.runs.next("capture");
				return new Receipt(new BigDecimal("12.50"), List.of("a", "b"));
			});
			context.step("ship", (step) -> {
				keys.append(step.key()).append(' ').append(step.name()).append(' ');
				failFirst("ship");
			});
			return receipt;
		});
		assertThat(post().statusCode()).isEqualTo(500);
		HttpResponse<byte[]> answer = post();
		assertThat(answer.statusCode()).isEqualTo(200);
		assertThat(TestApp.text(answer)).isEqualTo("Receipt[amount=12.50, lines=[a, b]]");
		assertThat(answer.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(this.runs.count("capture")).isOne();
		assertThat(this.runs.count("ship")).isEqualTo(2);
		String[] words = keys.toString().split(" ");
		assertThat(words[0]).as("the key of the step is the same in each attempt").isEqualTo(words[2]);
		HttpResponse<byte[]> replay = post();
		assertThat(replay.body()).isEqualTo(answer.body());
		assertThat(replay.headers().firstValue("Idempotent-Replayed")).contains("true");
		assertThat(this.runs.count("ship")).isEqualTo(2);
	}

	@Test
	@DisplayName("Q1: results are null, generic, or not there")
	@SuppressWarnings("NullAway")
	void keepsResultsOfAnyType() {
		script((context) -> {
			List<Receipt> list = context.step("list", new ParameterizedTypeReference<List<Receipt>>() {
			}.getType(), null, (step) -> List.of(new Receipt(BigDecimal.ONE, List.of())));
			String nothing = context.step("null", String.class, (step) -> null);
			context.step("void", (step) -> this.runs.next("void"));
			failFirst("end");
			return list + " " + nothing;
		});
		assertThat(post().statusCode()).isEqualTo(500);
		assertThat(TestApp.text(post())).isEqualTo("[Receipt[amount=1, lines=[]]] null");
		assertThat(this.runs.count("void")).isOne();
	}

	@Test
	@DisplayName("Q1: an attempt that is cut off leaves its steps, too")
	void resumesAfterLease() throws Exception {
		RecordKey record = abandoned((context) -> {
			context.step("capture", (step) -> this.runs.next("capture"));
			return "done";
		});
		await().until(() -> find(record) instanceof Acquisition.Abandoned);
		assertThat(TestApp.text(post())).isEqualTo("done");
		assertThat(this.runs.count("capture")).isOne();
	}

	/**
	 * Ends the engine while a handler is behind its steps, so that its lease lapses.
	 */
	private RecordKey abandoned(Scripts.Script steps) throws InterruptedException {
		CountDownLatch reached = new CountDownLatch(1);
		CountDownLatch goOn = new CountDownLatch(1);
		script((context) -> {
			steps.run(context);
			reached.countDown();
			goOn.await();
			throw new IllegalStateException("The process has ended");
		});
		CompletableFuture<HttpResponse<byte[]>> first = CompletableFuture.supplyAsync(this::post);
		assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
		this.app.bean(IdempotencyEngine.class).stop();
		goOn.countDown();
		first.join();
		script(steps);
		return record();
	}

	@Test
	@DisplayName("Q2: another request is refused as long as there are steps")
	void refusesOtherRequest() {
		script((context) -> {
			context.step("capture", (step) -> this.runs.next("capture"));
			failFirst("end");
			return "done";
		});
		assertThat(post().statusCode()).isEqualTo(500);
		HttpResponse<byte[]> other = this.app.post("/orders", this.key, "{\"other\": true}");
		assertThat(other.statusCode()).isEqualTo(422);
		assertThat(TestApp.text(other)).contains(":key-reused");
		assertThat(find(record())).isInstanceOfSatisfying(Acquisition.Resumable.class,
				(resumable) -> assertThat(resumable.steps()).singleElement()
					.satisfies((step) -> assertThat(step.name()).isEqualTo("capture")));
		assertThat(TestApp.text(post())).isEqualTo("done");
		assertThat(find(record())).isInstanceOf(Acquisition.Completed.class);
	}

	@Test
	@DisplayName("Q2: without steps, a failed request leaves nothing")
	void failureWithoutStepsLeavesNothing() {
		script((context) -> {
			failFirst("end");
			return "done";
		});
		assertThat(post().statusCode()).isEqualTo(500);
		assertThat(this.app.post("/orders", this.key, "{\"other\": true}").statusCode()).isEqualTo(200);
	}

	@Test
	@DisplayName("Q3: a name that was used in the attempt is an error, and the work does not run")
	void refusesNameTwice() {
		answers((context) -> {
			context.step("ship", (step) -> this.runs.next("ship"));
			assertThatIllegalStateException().isThrownBy(() -> context.step("ship", (step) -> this.runs.next("ship")))
				.withMessageContaining("The step 'ship' was taken before in this attempt");
			context.step("ship 2", (step) -> this.runs.next("ship"));
		});
		assertThat(this.runs.count("ship")).isEqualTo(2);
	}

	@Test
	@DisplayName("Q3: a step whose work has failed may be taken again in the same attempt")
	void takesFailedStepAgain() {
		answers((context) -> {
			assertThatIllegalStateException().isThrownBy(() -> context.step("ship", (step) -> failFirst("ship")))
				.withMessage("not yet");
			context.step("ship", (step) -> failFirst("ship"));
		});
		assertThat(this.runs.count("ship")).isEqualTo(2);
	}

	@Test
	@DisplayName("Q3: a step within a step is an error")
	void refusesStepWithinStep() {
		answers((context) -> context.step("outer",
				(step) -> assertThatIllegalStateException()
					.isThrownBy(() -> context.step("inner", (inner) -> this.runs.next("inner")))
					.withMessageContaining("'inner' cannot be taken while the step 'outer' is")));
		assertThat(this.runs.count("inner")).isZero();
	}

	@Test
	@DisplayName("Q1: steps may be taken on another thread, one after the other")
	void takesStepsOnOtherThreads() {
		script((context) -> {
			String first = CompletableFuture.supplyAsync(() -> step(context, "first")).join();
			failFirst("end");
			return first + CompletableFuture.supplyAsync(() -> step(context, "second")).join();
		});
		assertThat(post().statusCode()).isEqualTo(500);
		assertThat(TestApp.text(post())).isEqualTo("firstsecond");
		assertThat(this.runs.count("first")).isOne();
	}

	private String step(IdempotencyContext context, String name) {
		return context.step(name, String.class, (step) -> {
			this.runs.next(name);
			return name;
		});
	}

	@Test
	@DisplayName("Q4: a step has no transaction where the handler does not declare it")
	void refusesTransactionThatIsNotDeclared() {
		answers((context) -> assertThatIllegalStateException()
			.isThrownBy(() -> context.step("capture", String.class, StepMode.TRANSACTIONAL, (step) -> "x"))
			.withMessageContaining("declare @Idempotent(steps = StepMode.TRANSACTIONAL)"));
	}

	@Test
	@DisplayName("Q3: two steps at once are an error")
	void refusesStepsAtOnce() {
		answers((context) -> context.step("one",
				(step) -> CompletableFuture
					.runAsync(() -> assertThatIllegalStateException().isThrownBy(() -> step(context, "two"))
						.withMessageContaining("one after the other"))
					.join()));
		assertThat(this.runs.count("two")).isZero();
	}

	@Test
	@DisplayName("Q3: steps that were renamed or reordered cannot be resumed, and nothing runs")
	void refusesOtherSteps() {
		script((context) -> {
			step(context, "reserve");
			step(context, "capture");
			throw new IllegalStateException("cut off");
		});
		assertThat(post().statusCode()).isEqualTo(500);
		for (List<String> names : List.of(List.of("book", "capture"), List.of("capture", "reserve"),
				List.of("capture"))) {
			script((context) -> {
				names.forEach((name) -> step(context, name));
				return "done";
			});
			HttpResponse<byte[]> answer = post();
			assertThat(answer.statusCode()).isEqualTo(409);
			assertThat(TestApp.text(answer)).contains(":resume-failed");
		}
		assertThat(this.app.bean(RecordedEvents.class).count(Entry.HTTP, RequestOutcome.RESUME_FAILED)).isPositive();
		script((context) -> step(context, "reserve") + step(context, "capture") + step(context, "ship"));
		assertThat(TestApp.text(post())).isEqualTo("reservecaptureship");
		for (String name : List.of("reserve", "capture", "ship")) {
			assertThat(this.runs.count(name)).as(name).isOne();
		}
		assertThat(this.runs.count("book")).isZero();
	}

	@Test
	@DisplayName("Q3: a result that no longer reads as its type cannot be resumed, and the work does not run again")
	void refusesOtherType() {
		script((context) -> {
			context.step("capture", Receipt.class, (step) -> new Receipt(BigDecimal.TEN, List.of("a")));
			throw new IllegalStateException("cut off");
		});
		assertThat(post().statusCode()).isEqualTo(500);
		answers((context) -> assertThatExceptionOfType(StepMismatchException.class)
			.isThrownBy(() -> context.step("capture", Renamed.class, (step) -> {
				this.runs.next("capture");
				return new Renamed(BigDecimal.ONE);
			}))
			.withMessageContaining("does not read as")
			.satisfies((ex) -> assertThat(ex.getStep()).isEqualTo("capture")));
		assertThat(this.runs.count("capture")).isZero();
	}

	@Test
	@DisplayName("Q3: a type that could not be read back, and a bad name, are errors before the work runs")
	void refusesBadInput() {
		answers((context) -> {
			assertThatIllegalArgumentException()
				.isThrownBy(() -> context.step("a", Runnable.class, (step) -> this::noLeaseIsLeft));
			for (String name : List.of("", " ", "x".repeat(256))) {
				assertThatIllegalArgumentException()
					.isThrownBy(() -> context.step(name, (step) -> this.runs.next("bad")))
					.withMessageContaining("255");
			}
			context.step("x".repeat(255), (step) -> this.runs.next("good"));
		});
		assertThat(this.runs.count("bad")).isZero();
		assertThat(this.runs.count("good")).isOne();
	}

	@Test
	@DisplayName("Q1: a result of 10 MB is not kept, which the handler is told, and the step is not taken again")
	void refusesLongResult() {
		script((context) -> {
			context.step("long", String.class, (step) -> {
				this.runs.next("long");
				return "x".repeat(10_000_000);
			});
			return "done";
		});
		assertThat(post().statusCode()).isEqualTo(500);
		assertThat(TestApp.text(post())).contains(":resume-failed");
		assertThat(this.runs.count("long")).isOne();
	}

	@Test
	@DisplayName("Q1: the message of a result that is too long names the property")
	void saysWhatIsTooLong() {
		answers((context) -> assertThatExceptionOfType(StepNotStoredException.class)
			.isThrownBy(() -> context.step("long", String.class, (step) -> "x".repeat(1_100_000)))
			.withMessageContaining("idempotency.max-result-size")
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo(StepNotStoredException.Reason.RESULT)));
	}

	@Test
	@DisplayName("Q1: no further step takes the place of one whose result is not kept")
	void takesNoStepBehindOneThatIsNotKept() {
		script((context) -> {
			step(context, "first");
			assertThatExceptionOfType(StepNotStoredException.class)
				.isThrownBy(() -> context.step("long", String.class, (step) -> "x".repeat(1_100_000)));
			assertThatExceptionOfType(StepNotStoredException.class).isThrownBy(() -> step(context, "second"))
				.withMessageContaining("'second' was not taken, since the attempt has ended with the step 'long'");
			throw new IllegalStateException("cut off");
		});
		assertThat(post().statusCode()).isEqualTo(500);
		assertThat(this.runs.count("second")).isZero();
		answers((context) -> {
			step(context, "first");
			assertThatExceptionOfType(StepMismatchException.class).isThrownBy(() -> step(context, "long"))
				.withMessageContaining("its result could not be kept");
		});
		assertThat(this.runs.count("first")).isOne();
		assertThat(this.runs.count("long")).isZero();
	}

	@Test
	@DisplayName("Q1: a handler may take a thousand steps")
	void takesThousandSteps() {
		script((context) -> {
			for (int i = 0; i < 1000; i++) {
				String text = i + "x".repeat(1000);
				assertThat(context.step("step " + i, String.class, (step) -> {
					this.runs.next("all");
					return text;
				})).isEqualTo(text);
			}
			failFirst("end");
			return "done";
		});
		assertThat(post().statusCode()).isEqualTo(500);
		assertThat(TestApp.text(post())).isEqualTo("done");
		assertThat(this.runs.count("all")).isEqualTo(1000);
	}

	@Test
	@DisplayName("Q1: a handler whose lease was lost keeps no step, and the client is told that another one goes on")
	void keepsNoStepWithoutLease() {
		script((context) -> {
			step(context, "first");
			this.app.bean(IdempotencyStore.class).remove(record(context));
			return step(context, "second");
		});
		HttpResponse<byte[]> answer = post();
		assertThat(answer.statusCode()).isEqualTo(409);
		assertThat(TestApp.text(answer)).contains(":in-progress");
		assertThat(find(record())).isNull();
	}

	@Test
	@DisplayName("Q1: a request without a key takes its steps each time")
	void takesStepsWithoutKey() {
		SCRIPTS.set(NONE,
				(context) -> context.step("capture", String.class, (step) -> step.key() + this.runs.next("x")));
		assertThat(this.app.post("/orders", null, "{}").statusCode()).isEqualTo(200);
		assertThat(this.app.post("/orders", null, "{}").statusCode()).isEqualTo(200);
		assertThat(this.runs.count("x")).isEqualTo(2);
	}

	@Test
	@DisplayName("Q1: the steps of a retry that a manual handler answers are done")
	void refusesStepsOfManualRetry() {
		SCRIPTS.set(this.key, (context) -> step(context, "capture"));
		assertThat(this.app.post("/manual", this.key, "{}").statusCode()).isEqualTo(200);
		SCRIPTS.set(this.key, (context) -> {
			assertThatIllegalStateException().isThrownBy(() -> step(context, "capture"))
				.withMessageContaining("answer with its stored response");
			return "retry";
		});
		assertThat(TestApp.text(this.app.post("/manual", this.key, "{}"))).isEqualTo("retry");
		assertThat(this.runs.count("capture")).isOne();
	}

	@Test
	@DisplayName("Q1: steps of an asynchronous handler")
	void takesStepsOfAsynchronousHandler() {
		SCRIPTS.set(this.key, (context) -> {
			step(context, "capture");
			failFirst("end");
			return "done";
		});
		assertThat(this.app.post("/later", this.key, "{}").statusCode()).isEqualTo(500);
		assertThat(TestApp.text(this.app.post("/later", this.key, "{}"))).isEqualTo("done");
		assertThat(this.runs.count("capture")).isOne();
	}

	@Test
	@DisplayName("Q1: no step is taken when the request has ended")
	void refusesStepAfterEnd() {
		IdempotencyContext[] kept = new IdempotencyContext[1];
		script((context) -> {
			kept[0] = context;
			return "done";
		});
		assertThat(post().statusCode()).isEqualTo(200);
		assertThatIllegalStateException().isThrownBy(() -> step(kept[0], "late")).withMessageContaining("has ended");
	}

	/**
	 * Runs a handler that succeeds.
	 */
	private void answers(Handler handler) {
		script((context) -> {
			handler.handle(context);
			return "done";
		});
		assertThat(TestApp.text(post())).isEqualTo("done");
	}

	private void script(Scripts.Script script) {
		SCRIPTS.set(this.key, script);
	}

	private HttpResponse<byte[]> post() {
		return this.app.post("/orders", this.key, "{}");
	}

	private void failFirst(String name) {
		if (this.runs.next(name) == 1) {
			throw new IllegalStateException("not yet");
		}
	}

	private RecordKey record() {
		return RECORDS.getOrDefault(this.key, RecordKey.random());
	}

	private static RecordKey record(IdempotencyContext context) {
		return Objects.requireNonNull(context.recordKey());
	}

	private @Nullable Acquisition find(RecordKey record) {
		return this.app.bean(IdempotencyStore.class).find(record).map(StoredRecord::content).orElse(null);
	}

	record Receipt(BigDecimal amount, List<String> lines) {
	}

	record Renamed(BigDecimal total) {
	}

	private interface Handler {

		void handle(IdempotencyContext context) throws Exception;

	}

	@RestController
	static class Orders {

		@PostMapping("/orders")
		@Idempotent(optional = true)
		String order(IdempotencyContext context,
				@RequestHeader(name = "Idempotency-Key", defaultValue = NONE) String key) throws Exception {
			RecordKey record = context.recordKey();
			if (record != null) {
				RECORDS.put(key, record);
			}
			return SCRIPTS.play(key, context);
		}

		@PostMapping("/manual")
		@Idempotent(manual = true)
		String manual(IdempotencyContext context, @RequestHeader("Idempotency-Key") String key) throws Exception {
			return SCRIPTS.play(key, context);
		}

		@PostMapping("/later")
		@Idempotent
		CompletableFuture<String> later(IdempotencyContext context, @RequestHeader("Idempotency-Key") String key) {
			return CompletableFuture.supplyAsync(() -> {
				try {
					return SCRIPTS.play(key, context);
				}
				catch (Exception ex) {
					throw new IllegalStateException(ex);
				}
			});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Recording {

		@Bean
		RecordedEvents events() {
			return new RecordedEvents();
		}

	}

}
