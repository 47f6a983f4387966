package io.idempotency.step;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.ResumedAttempt;
import io.idempotency.engine.StepEvent;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.StoredStep;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.testing.DelegatingStore;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Q: steps together with waiting, with abandoned requests that are refused, with a store
 * that is away; and what they cost and tell.
 */
class StepPolicyTests {

	private static final Scripts SCRIPTS = new Scripts();

	private final String key = TestApp.newKey();

	private final Runs runs = new Runs();

	private final List<TestApp> apps = new ArrayList<>();

	private TestApp start(String... properties) {
		List<String> all = new ArrayList<>(
				List.of("logging.level.io.idempotency=off", "logging.level.org.apache.catalina=off",
						"test.actuator=true", "management.endpoints.web.exposure.include=idempotency"));
		if (Stream.of(properties).noneMatch((property) -> property.startsWith("idempotency.lease-duration="))) {
			all.add("idempotency.lease-duration=1s");
		}
		all.addAll(List.of(properties));
		TestApp app = TestApp.start(List.of(Orders.class, Watching.class), all.toArray(String[]::new));
		this.apps.add(app);
		return app;
	}

	@AfterEach
	void stop() {
		this.apps.forEach((app) -> {
			await().until(() -> app.bean(IdempotencyEngine.class).leasesHeld() == 0);
			app.close();
		});
	}

	@Test
	@DisplayName("Q1: a request that waits for one which fails goes on with its steps")
	void waitingRequestResumes() throws Exception {
		TestApp app = start("idempotency.wait-timeout=30s");
		CountDownLatch reached = new CountDownLatch(1);
		CountDownLatch mayFail = new CountDownLatch(1);
		SCRIPTS.set(this.key, (context) -> {
			context.step("capture", (step) -> this.runs.next("capture"));
			if (this.runs.next("attempt") == 1) {
				reached.countDown();
				mayFail.await(30, TimeUnit.SECONDS);
				throw new IllegalStateException("cut off");
			}
			return "done";
		});
		CompletableFuture<HttpResponse<byte[]>> first = CompletableFuture.supplyAsync(() -> post(app));
		assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
		CompletableFuture<HttpResponse<byte[]>> second = CompletableFuture.supplyAsync(() -> post(app));
		await().until(() -> app.suspendedRequests() == 1);
		mayFail.countDown();
		assertThat(first.join().statusCode()).isEqualTo(500);
		assertThat(TestApp.text(second.join())).isEqualTo("done");
		assertThat(this.runs.count("capture")).isOne();
	}

	@Test
	@DisplayName("Q2: with on-abandoned=refuse, an attempt that failed is resumed, and one that was cut off is not")
	void refusesAbandoned() throws Exception {
		TestApp app = start("idempotency.on-abandoned=refuse");
		SCRIPTS.set(this.key, (context) -> {
			context.step("capture", (step) -> this.runs.next("capture"));
			if (this.runs.next("attempt") == 1) {
				throw new IllegalStateException("failed");
			}
			app.bean(IdempotencyEngine.class).stop();
			throw new IllegalStateException("cut off");
		});
		assertThat(post(app).statusCode()).isEqualTo(500);
		assertThat(post(app).statusCode()).as("resumed").isEqualTo(500);
		await().untilAsserted(() -> assertThat(TestApp.text(post(app))).contains(":outcome-unknown"));
		assertThat(this.runs.count("capture")).isOne();
		assertThat(this.runs.count("attempt")).isEqualTo(2);
	}

	@Test
	@DisplayName("Q1: a store that fails at a step ends the attempt, and the next one goes on behind the last that was kept")
	void storeFailsAtStep() {
		TestApp app = start();
		WatchedStore store = app.bean(WatchedStore.class);
		SCRIPTS.set(this.key, (context) -> {
			context.step("reserve", (step) -> this.runs.next("reserve"));
			store.failing = this.runs.next("attempt") == 1;
			context.step("capture", (step) -> this.runs.next("capture"));
			return "done";
		});
		HttpResponse<byte[]> answer = post(app);
		assertThat(answer.statusCode()).isEqualTo(503);
		assertThat(TestApp.text(answer)).contains(":store-unavailable", "continues where it stopped");
		assertThat(answer.headers().firstValue("Retry-After")).isPresent();
		await().untilAsserted(() -> assertThat(TestApp.text(post(app))).isEqualTo("done"));
		assertThat(this.runs.count("reserve")).isOne();
		assertThat(this.runs.count("capture")).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	@DisplayName("C6: an owner that was paused while another one has gone on changes none of its steps")
	void pausedOwnerChangesNoSteps(boolean renews) throws Exception {
		TestApp app = start();
		WatchedStore store = app.bean(WatchedStore.class);
		CountDownLatch paused = new CountDownLatch(1);
		CountDownLatch mayGoOn = new CountDownLatch(1);
		store.renewing = false;
		SCRIPTS.set(this.key, (context) -> {
			int attempt = this.runs.next("attempt");
			for (String name : List.of("reserve", "capture", "book")) {
				context.step(name, (step) -> {
					this.runs.next(name);
					if (attempt == 1 && name.equals("capture")) {
						paused.countDown();
						mayGoOn.await(30, TimeUnit.SECONDS);
					}
				});
			}
			if (attempt < 3) {
				throw new IllegalStateException("cut off");
			}
			return "done";
		});
		CompletableFuture<HttpResponse<byte[]>> first = CompletableFuture.supplyAsync(() -> post(app));
		assertThat(paused.await(30, TimeUnit.SECONDS)).isTrue();
		await().until(() -> post(app).statusCode() == 500);
		assertThat(this.runs.count("book")).as("another one has gone on").isOne();
		store.renewing = renews;
		if (renews) {
			int before = store.renewals.get();
			await().until(() -> store.renewals.get() > before || app.bean(IdempotencyEngine.class).leasesHeld() == 0);
		}
		mayGoOn.countDown();
		assertThat(first.join().statusCode()).isEqualTo(409);
		await().until(() -> app.bean(IdempotencyEngine.class).leasesHeld() == 0);
		assertThat(TestApp.text(post(app))).isEqualTo("done");
		assertThat(this.runs.count("reserve")).isOne();
		assertThat(this.runs.count("capture")).isEqualTo(2);
		assertThat(this.runs.count("book")).isOne();
	}

	@Test
	@DisplayName("Q1: a store that has lost the record in the middle of an attempt is given its steps again")
	void restoresLostSteps() {
		TestApp app = start();
		WatchedStore store = app.bean(WatchedStore.class);
		SCRIPTS.set(this.key, (context) -> {
			context.step("reserve", (step) -> this.runs.next("reserve"));
			context.step("capture", (step) -> this.runs.next("capture"));
			if (this.runs.next("attempt") == 1) {
				store.records = new MemoryIdempotencyStore(1000);
			}
			context.step("book", (step) -> this.runs.next("book"));
			if (this.runs.count("attempt") == 1) {
				throw new IllegalStateException("cut off");
			}
			return "done";
		});
		assertThat(post(app).statusCode()).isEqualTo(500);
		assertThat(TestApp.text(post(app))).isEqualTo("done");
		for (String name : List.of("reserve", "capture", "book")) {
			assertThat(this.runs.count(name)).as(name).isOne();
		}
	}

	@Test
	@DisplayName("Q2: a claim whose steps cannot be read is withdrawn")
	void withdrawsClaimWhoseStepsCannotBeRead() {
		TestApp app = start("idempotency.lease-duration=1h");
		WatchedStore store = app.bean(WatchedStore.class);
		SCRIPTS.set(this.key, (context) -> {
			context.step("capture", (step) -> this.runs.next("capture"));
			if (this.runs.next("attempt") == 1) {
				throw new IllegalStateException("cut off");
			}
			return "done";
		});
		assertThat(post(app).statusCode()).isEqualTo(500);
		store.unreadable = true;
		assertThat(post(app).statusCode()).isEqualTo(503);
		store.unreadable = false;
		assertThat(TestApp.text(post(app))).isEqualTo("done");
		assertThat(this.runs.count("capture")).isOne();
	}

	@Test
	@DisplayName("Q1: a step costs one call of the store, and to resume costs none")
	void costsOneCallForEachStep() {
		TestApp app = start();
		WatchedStore store = app.bean(WatchedStore.class);
		SCRIPTS.set(this.key, (context) -> {
			for (int i = 0; i < 3; i++) {
				context.step("step " + i, (step) -> this.runs.next("step"));
			}
			if (this.runs.next("attempt") == 1) {
				throw new IllegalStateException("cut off");
			}
			return "done";
		});
		post(app);
		await()
			.untilAsserted(() -> assertThat(store.calls).containsExactly("acquire", "step", "step", "step", "release"));
		store.calls.clear();
		assertThat(TestApp.text(post(app))).isEqualTo("done");
		assertThat(store.calls).containsExactly("acquire", "complete");
	}

	@Test
	@DisplayName("Q1: operators see steps and resumed attempts")
	void tellsOfSteps() {
		TestApp app = start();
		SCRIPTS.set(this.key, (context) -> {
			context.step("capture", String.class, (step) -> "secret");
			if (this.runs.next("attempt") == 1) {
				throw new IllegalStateException("cut off");
			}
			context.step("book", (step) -> this.runs.next("book"));
			return context.recordKey();
		});
		post(app);
		Watching watching = app.bean(Watching.class);
		String record = watching.records.get(0);
		String shown = TestApp
			.text(app.send(app.request("GET", "/actuator/idempotency/" + record, null, new byte[0]).build()));
		assertThat(shown).contains("\"state\":\"resumable\"", "\"name\":\"capture\"", "\"size\":8", "\"takenAt\":\"")
			.doesNotContain("secret");
		post(app);
		assertThat(watching.events).containsExactly("POST /orders HTTP capture taken", "POST /orders HTTP resumes 1",
				"POST /orders HTTP capture resumed", "POST /orders HTTP book taken");
		MeterRegistry meters = app.bean(MeterRegistry.class);
		assertThat(meters.get("idempotency.steps").tag("result", "taken").tag("entry", "http").counter().count())
			.isEqualTo(2);
		assertThat(meters.get("idempotency.steps").tag("result", "resumed").counter().count()).isOne();
		assertThat(meters.get("idempotency.resumed").tag("entry", "http").counter().count()).isOne();
	}

	private HttpResponse<byte[]> post(TestApp app) {
		return app.post("/orders", this.key, "{}");
	}

	static final class WatchedStore extends DelegatingStore {

		private final List<String> calls = Collections.synchronizedList(new ArrayList<>());

		private final AtomicInteger renewals = new AtomicInteger();

		private volatile boolean failing;

		private volatile boolean renewing = true;

		private volatile MemoryIdempotencyStore records;

		private volatile boolean unreadable;

		WatchedStore() {
			this(new MemoryIdempotencyStore(1000));
		}

		private WatchedStore(MemoryIdempotencyStore records) {
			super(records);
			this.records = records;
		}

		@Override
		public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
			this.calls.add("acquire");
			Acquisition acquisition = this.records.acquire(lease, fingerprint, terms);
			if (this.unreadable) {
				throw new UnreadableRecordException("The steps of the record cannot be read");
			}
			return acquisition;
		}

		@Override
		public boolean renew(Lease lease, LeaseTerms terms) {
			if (!this.renewing) {
				throw new IllegalStateException("The store is away");
			}
			boolean renewed = this.records.renew(lease, terms);
			this.renewals.incrementAndGet();
			return renewed;
		}

		@Override
		public boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
			this.calls.add("step");
			if (this.failing) {
				this.failing = false;
				throw new IllegalStateException("The store is away");
			}
			return this.records.storeStep(lease, step, expiry);
		}

		@Override
		public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
			this.calls.add("complete");
			return this.records.complete(lease, outcome, expiry);
		}

		@Override
		public boolean release(Lease lease) {
			this.calls.add("release");
			return this.records.release(lease);
		}

	}

	@RestController
	static class Orders {

		@PostMapping("/orders")
		@Idempotent
		String order(IdempotencyContext context, @RequestHeader("Idempotency-Key") String key) throws Exception {
			return SCRIPTS.play(key, context);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Watching implements IdempotencyListener {

		private final List<String> events = Collections.synchronizedList(new ArrayList<>());

		private final List<String> records = Collections.synchronizedList(new ArrayList<>());

		@Override
		public void onResumed(ResumedAttempt attempt) {
			this.events.add(attempt.operation() + " " + attempt.entry() + " resumes " + attempt.steps());
		}

		@Override
		public void onStep(StepEvent event) {
			this.records.add(event.recordKey().hex());
			this.events.add(event.operation() + " " + event.entry() + " " + event.step()
					+ (event.resumed() ? " resumed" : " taken"));
		}

		@Bean
		WatchedStore store() {
			return new WatchedStore();
		}

	}

}
