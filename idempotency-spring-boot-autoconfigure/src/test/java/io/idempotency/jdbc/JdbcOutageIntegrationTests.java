package io.idempotency.jdbc;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseRelay;
import io.idempotency.testing.HeldHandlers;
import io.idempotency.testing.HeldHandlers.Held;
import io.idempotency.testing.LocalServer;
import io.idempotency.testing.PostgresProcess;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A PostgreSQL that stops answering, dies, and comes back.
 */
class JdbcOutageIntegrationTests {

	private static final Runs RUNS = new Runs();

	private static final HeldHandlers HELD = new HeldHandlers();

	/**
	 * A line of a logger of the starter.
	 */
	private static final Pattern OWN_LINE = Pattern.compile(".*] io?\\.i\\S* +: .*");

	private static final PostgresProcess SERVER = PostgresProcess.startLocal();

	private static final Database DATABASE = SERVER.newDatabase();

	private static final DatabaseRelay RELAY = new DatabaseRelay(DATABASE);

	private static final TestApp APP = start(List.of(Payouts.class, Charges.class), DATABASE);

	@AfterAll
	static void stop() {
		APP.close();
		RELAY.close();
		SERVER.close();
	}

	@BeforeEach
	void awaitRecovery() {
		eventually().until(() -> APP.post("/payouts", TestApp.newKey(), "{}").statusCode() == 201);
	}

	// E4
	@Test
	void refusesRequestWhileDatabaseDoesNotAnswer() {
		String known = TestApp.newKey();
		assertThat(APP.post("/payouts", known, "{}").statusCode()).isEqualTo(201);
		String key = TestApp.newKey();
		String transactional = TestApp.newKey();
		pausedDuring(() -> {
			assertUnavailable(APP.post("/payouts", key, "{}"));
			assertUnavailable(APP.post("/payouts", known, "{}"));
			assertUnavailable(APP.post("/charges", transactional, "{}"));
		});
		assertThat(RUNS.count(key)).isZero();
		assertThat(Charges.RUNS.count(transactional)).isZero();
		// The claim that timed out may reach the database after all: it is withdrawn, or
		// lapses.
		eventually().until(() -> APP.post("/payouts", key, "{}").statusCode() == 201);
		assertReplayed(key);
		assertReplayed(known);
	}

	// E4
	@Test
	void manyRequestsAreRefusedWhileDatabaseDoesNotAnswer() {
		pausedDuring(() -> {
			List<CompletableFuture<HttpResponse<byte[]>>> requests = Stream
				.generate(() -> inThread("/payouts", TestApp.newKey()))
				.limit(50)
				.toList();
			// One after the other they would take 50 times the timeout.
			assertThat(CompletableFuture.allOf(requests.toArray(CompletableFuture<?>[]::new)))
				.succeedsWithin(Duration.ofSeconds(25));
			requests.forEach((request) -> assertUnavailable(request.join()));
		});
	}

	// E4
	@Test
	void refusesRequestWhileDatabaseIsDead() {
		String known = TestApp.newKey();
		assertThat(APP.post("/payouts", known, "{}").statusCode()).isEqualTo(201);
		String key = TestApp.newKey();
		deadDuring(() -> {
			assertUnavailable(APP.post("/payouts", key, "{}"));
			assertUnavailable(APP.post("/payouts", known, "{}"));
			assertThat(APP.post("/payouts", null, "{}").statusCode()).as("without a key").isEqualTo(201);
		});
		assertThat(RUNS.count(key)).isZero();
		eventually().until(() -> APP.post("/payouts", key, "{}").statusCode() == 201);
		assertReplayed(key);
		assertReplayed(known);
	}

	// E4
	@Test
	void runsUnprotectedWhileDatabaseIsDeadWhereToldTo() {
		try (TestApp app = start(List.of(Payouts.class), DATABASE, "idempotency.on-store-failure=proceed")) {
			deadDuring(() -> {
				String key = TestApp.newKey();
				assertThat(TestApp.text(app.post("/payouts", key, "{}"))).isEqualTo("run 1");
				assertThat(TestApp.text(app.post("/payouts", key, "{}"))).isEqualTo("run 2");
			});
		}
	}

	// E5
	@Test
	void storesOutcomeOnceDatabaseAnswersAgain() {
		String key = TestApp.newKey();
		Held held = HELD.hold(key);
		CompletableFuture<HttpResponse<byte[]>> first = inThread("/payouts", key);
		held.awaitStart();
		pausedDuring(() -> {
			held.mayEnd().countDown();
			assertThat(first.join().statusCode()).isEqualTo(201);
			assertThat(TestApp.text(first.join())).isEqualTo("run 1");
		});
		eventually().until(() -> APP.post("/payouts", key, "{}").statusCode() == 201);
		assertReplayed(key);
	}

	// E5
	@Test
	void storesOutcomeOnceDatabaseIsRestarted() {
		String key = TestApp.newKey();
		Held held = HELD.hold(key);
		CompletableFuture<HttpResponse<byte[]>> first = inThread("/payouts", key);
		held.awaitStart();
		deadDuring(() -> {
			held.mayEnd().countDown();
			assertThat(first.join().statusCode()).isEqualTo(201);
		});
		eventually().until(() -> APP.post("/payouts", key, "{}").statusCode() == 201);
		assertReplayed(key);
	}

	// O6
	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void outageIsOneWarningAndOneInfoInLogHoweverManyRequestsAreUnderWay(CapturedOutput output) {
		try (TestApp app = start(List.of(Payouts.class), DATABASE, "logging.level.io.idempotency=info")) {
			List<String> keys = Stream.generate(TestApp::newKey).limit(5).toList();
			List<Held> held = keys.stream().map(HELD::hold).toList();
			List<CompletableFuture<HttpResponse<byte[]>>> firsts = keys.stream()
				.map((key) -> inThread(app, "/payouts", key))
				.toList();
			held.forEach(Held::awaitStart);
			deadDuring(() -> {
				held.forEach((each) -> each.mayEnd().countDown());
				firsts.forEach((first) -> assertThat(first.join().statusCode()).isEqualTo(201));
				assertUnavailable(app.post("/payouts", TestApp.newKey(), "{}"));
			});
			eventually().until(() -> output.getAll().contains("answers again"));
			assertThat(OWN_LINE.matcher(output).results().map(MatchResult::group))
				.filteredOn((line) -> line.contains(" WARN ") || line.contains("answers again"))
				.satisfiesExactly((line) -> assertThat(line).contains(" WARN ", "does not answer:"),
						(line) -> assertThat(line).contains(" INFO ",
								" requests could not use it meanwhile; 5 outcomes were kept for it"));
		}
	}

	// E4
	@Test
	void commitsNothingWhenDatabaseDiesWhileHandlerRuns() {
		String key = TestApp.newKey();
		Charges.MEANWHILE.put(key, SERVER::kill);
		assertUnavailable(APP.post("/charges", key, "{}"));
		SERVER.start();
		assertRunsAgain(key);
	}

	// E4
	@Test
	void saysThatNobodyKnowsWhenDatabaseDiesDuringCommit() {
		String key = TestApp.newKey();
		Charges.MEANWHILE.put("before commit of " + key, SERVER::kill);
		HttpResponse<byte[]> answer = APP.post("/charges", key, "{}");
		assertUnavailable(answer);
		assertThat(TestApp.text(answer)).contains("It is not known whether the request was carried out");
		assertThat(answer.headers().firstValue("X-Run")).isEmpty();
		SERVER.start();
		assertRunsAgain(key);
	}

	private static void assertRunsAgain(String key) {
		eventually().until(() -> APP.post("/charges", key, "{}").statusCode() == 201);
		HttpResponse<byte[]> retry = APP.post("/charges", key, "{}");
		assertThat(TestApp.text(retry)).isEqualTo("charged by run 2");
		assertThat(APP.bean(Charges.Ledger.class).count(key)).isEqualTo(1);
		assertThat(Charges.RUNS.count(key)).isEqualTo(2);
	}

	// E4
	@Test
	void retryGetsResponseOfCommitWhoseAnswerWasLost() {
		try (TestApp app = start(List.of(Charges.class), RELAY.database())) {
			String key = TestApp.newKey();
			RELAY.loseAnswerTo("COMMIT");
			HttpResponse<byte[]> answer = app.post("/charges", key, "{}");
			assertUnavailable(answer);
			assertThat(TestApp.text(answer)).contains("It is not known whether the request was carried out");
			RELAY.loseNothing();
			eventually().until(() -> app.post("/charges", key, "{}").statusCode() == 201);
			HttpResponse<byte[]> retry = app.post("/charges", key, "{}");
			assertThat(TestApp.text(retry)).isEqualTo("charged by run 1");
			assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
			assertThat(app.bean(Charges.Ledger.class).count(key)).isEqualTo(1);
			assertThat(Charges.RUNS.count(key)).isEqualTo(1);
		}
	}

	// E4
	@Test
	void startsWithoutDatabaseAndWorksOnceItIsThere() {
		SERVER.kill();
		try (TestApp app = start(List.of(Payouts.class), DATABASE, "idempotency.jdbc.initialize-schema=never")) {
			String key = TestApp.newKey();
			assertUnavailable(app.post("/payouts", key, "{}"));
			assertThat(app.post("/payouts", null, "{}").statusCode()).as("without a key").isEqualTo(201);
			SERVER.start();
			eventually().until(() -> app.post("/payouts", key, "{}").statusCode() == 201);
			assertReplayed(key);
		}
	}

	private static void pausedDuring(Runnable action) {
		SERVER.pause();
		try {
			action.run();
		}
		finally {
			SERVER.resume();
		}
	}

	private static void deadDuring(Runnable action) {
		SERVER.kill();
		try {
			action.run();
		}
		finally {
			SERVER.start();
		}
	}

	private static TestApp start(List<Class<?>> configuration, Database database, String... properties) {
		List<String> all = new ArrayList<>(List.of(database.properties()));
		all.addAll(List.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always",
				"idempotency.jdbc.timeout=1s", "idempotency.lease-duration=10s",
				"spring.datasource.hikari.connection-timeout=500", "spring.datasource.hikari.validation-timeout=250"));
		all.addAll(List.of(properties));
		return TestApp.start(configuration, all.toArray(String[]::new));
	}

	private static ConditionFactory eventually() {
		return await().atMost(LocalServer.PATIENCE).pollInterval(Duration.ofMillis(20));
	}

	private static CompletableFuture<HttpResponse<byte[]>> inThread(String path, String key) {
		return inThread(APP, path, key);
	}

	private static CompletableFuture<HttpResponse<byte[]>> inThread(TestApp app, String path, String key) {
		return CompletableFuture.supplyAsync(() -> app.post(path, key, "{}"), (task) -> new Thread(task).start());
	}

	private static void assertUnavailable(HttpResponse<byte[]> answer) {
		assertThat(answer.statusCode()).isEqualTo(503);
		assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
		assertThat(answer.headers().firstValue("Retry-After")).isPresent();
		assertThat(TestApp.text(answer)).contains("urn:idempotency:problem:store-unavailable");
	}

	private static void assertReplayed(String key) {
		HttpResponse<byte[]> retry = APP.post("/payouts", key, "{}");
		assertThat(retry.statusCode()).isEqualTo(201);
		assertThat(TestApp.text(retry)).isEqualTo("run 1");
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(RUNS.count(key)).isEqualTo(1);
	}

	@RestController
	static class Payouts {

		@PostMapping("/payouts")
		ResponseEntity<String> pay(@RequestHeader(name = "Idempotency-Key", defaultValue = "none") String key)
				throws InterruptedException {
			HELD.pass(key);
			return ResponseEntity.status(201).body("run " + RUNS.next(key));
		}

	}

}
