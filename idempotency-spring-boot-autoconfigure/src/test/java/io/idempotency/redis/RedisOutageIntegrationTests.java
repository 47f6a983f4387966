package io.idempotency.redis;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.idempotency.testing.HeldHandlers;
import io.idempotency.testing.HeldHandlers.Held;
import io.idempotency.testing.LocalServer;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A Redis that stops answering, dies, and comes back.
 */
class RedisOutageIntegrationTests {

	private static final Runs RUNS = new Runs();

	private static final HeldHandlers HELD = new HeldHandlers();

	/**
	 * A line of a logger of the starter.
	 */
	private static final Pattern OWN_LINE = Pattern.compile(".*] io?\\.i\\S* +: .*");

	private final int port = RedisProcess.freePort();

	@TempDir
	private Path directory;

	private final List<AutoCloseable> opened = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (int i = this.opened.size(); i-- > 0;) {
			this.opened.get(i).close();
		}
	}

	// E4
	@Test
	void refusesRequestWhileRedisDoesNotAnswer() {
		RedisProcess redis = startRedis();
		TestApp app = startApp();
		String known = TestApp.newKey();
		assertThat(app.post("/payouts", known, "{}").statusCode()).isEqualTo(201);
		String key = TestApp.newKey();
		RedisConsole.suspendDuring(redis, () -> {
			assertUnavailable(app.post("/payouts", key, "{}"));
			assertUnavailable(app.post("/payouts", known, "{}"));
		});
		assertThat(RUNS.count(key)).isZero();
		// The claim that timed out may have reached Redis all the same: it is withdrawn.
		eventually().until(() -> app.post("/payouts", key, "{}").statusCode() == 201);
		assertThat(RUNS.count(key)).isEqualTo(1);
		assertReplayed(app, key);
		assertReplayed(app, known);
		assertThat(RUNS.count(known)).isEqualTo(1);
	}

	// E4
	@Test
	void refusesRequestWhileRedisIsDead() {
		RedisProcess redis = startRedis();
		TestApp app = startApp();
		String known = TestApp.newKey();
		assertThat(app.post("/payouts", known, "{}").statusCode()).isEqualTo(201);
		RedisConsole.kill(redis);
		String key = TestApp.newKey();
		assertUnavailable(app.post("/payouts", key, "{}"));
		assertUnavailable(app.post("/payouts", known, "{}"));
		assertThat(RUNS.count(key)).isZero();
		startRedis();
		eventually().until(() -> app.post("/payouts", key, "{}").statusCode() == 201);
		assertReplayed(app, known);
		assertReplayed(app, key);
		assertThat(RUNS.count(known)).isEqualTo(1);
		assertThat(RUNS.count(key)).isEqualTo(1);
	}

	// E4
	@Test
	void runsUnprotectedWhileRedisIsDeadWhereToldTo() {
		RedisProcess redis = startRedis();
		TestApp app = startApp("idempotency.on-store-failure=proceed");
		RedisConsole.kill(redis);
		String key = TestApp.newKey();
		HttpResponse<byte[]> answer = app.post("/payouts", key, "{}");
		assertThat(answer.statusCode()).isEqualTo(201);
		assertThat(TestApp.text(answer)).isEqualTo("run 1");
		assertThat(TestApp.text(app.post("/payouts", key, "{}"))).isEqualTo("run 2");
	}

	// E5
	@Test
	void storesOutcomeOnceRedisAnswersAgain() throws Exception {
		RedisProcess redis = startRedis();
		TestApp app = startApp();
		String key = TestApp.newKey();
		Held held = HELD.hold(key);
		CompletableFuture<HttpResponse<byte[]>> first = inThread(app, key);
		held.started().await(1, TimeUnit.MINUTES);
		RedisConsole.suspendDuring(redis, () -> {
			held.mayEnd().countDown();
			assertThat(first.join().statusCode()).isEqualTo(201);
			assertThat(TestApp.text(first.join())).isEqualTo("run 1");
		});
		eventually().until(() -> app.post("/payouts", key, "{}").statusCode() == 201);
		assertReplayed(app, key);
		assertThat(RUNS.count(key)).isEqualTo(1);
	}

	// E5
	@Test
	void storesOutcomeOnceRedisIsRestarted() throws Exception {
		RedisProcess redis = startRedis();
		TestApp app = startApp();
		String key = TestApp.newKey();
		Held held = HELD.hold(key);
		CompletableFuture<HttpResponse<byte[]>> first = inThread(app, key);
		held.started().await(1, TimeUnit.MINUTES);
		RedisConsole.kill(redis);
		held.mayEnd().countDown();
		assertThat(first.join().statusCode()).isEqualTo(201);
		startRedis();
		eventually().until(() -> app.post("/payouts", key, "{}").statusCode() == 201);
		assertReplayed(app, key);
		assertThat(RUNS.count(key)).isEqualTo(1);
	}

	// E5
	@Test
	void storesOutcomeThoughRedisLostItsClaim() throws Exception {
		RedisProcess redis = startRedis();
		TestApp app = startApp();
		String key = TestApp.newKey();
		Held held = HELD.hold(key);
		CompletableFuture<HttpResponse<byte[]>> first = inThread(app, key);
		held.started().await(1, TimeUnit.MINUTES);
		try (RedisConsole console = RedisConsole.connect(redis)) {
			console.send("FLUSHALL");
		}
		held.mayEnd().countDown();
		assertThat(first.join().statusCode()).isEqualTo(201);
		assertReplayed(app, key);
		assertThat(RUNS.count(key)).isEqualTo(1);
	}

	// E4
	@Test
	void startsWithoutRedisAndWorksOnceItIsThere() {
		TestApp app = startApp();
		String key = TestApp.newKey();
		assertUnavailable(app.post("/payouts", key, "{}"));
		assertThat(app.post("/payouts", null, "{}").statusCode()).as("without a key").isEqualTo(201);
		startRedis();
		eventually().until(() -> app.post("/payouts", key, "{}").statusCode() == 201);
		assertReplayed(app, key);
	}

	// E4
	@Test
	void requestsDoNotQueueToConnectToRedisThatDoesNotAnswer() {
		RedisProcess redis = startRedis();
		TestApp app = startApp();
		RedisConsole.suspendDuring(redis, () -> {
			List<CompletableFuture<HttpResponse<byte[]>>> requests = Stream
				.generate(() -> inThread(app, TestApp.newKey()))
				.limit(100)
				.toList();
			// One after the other they would take 100 times the timeout.
			assertThat(CompletableFuture.allOf(requests.toArray(CompletableFuture<?>[]::new)))
				.succeedsWithin(Duration.ofSeconds(15));
			requests.forEach((request) -> assertUnavailable(request.join()));
		});
		String key = TestApp.newKey();
		eventually().until(() -> app.post("/payouts", key, "{}").statusCode() == 201);
		assertReplayed(app, key);
	}

	// O6
	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void outageIsOneWarningAndOneInfoInLogHoweverManyRequestsAreUnderWay(CapturedOutput output) throws Exception {
		RedisProcess redis = startRedis();
		TestApp app = startApp("logging.level.io.idempotency=info");
		List<String> keys = Stream.generate(TestApp::newKey).limit(10).toList();
		List<Held> held = keys.stream().map(HELD::hold).toList();
		List<CompletableFuture<HttpResponse<byte[]>>> firsts = keys.stream().map((key) -> inThread(app, key)).toList();
		for (Held each : held) {
			assertThat(each.started().await(1, TimeUnit.MINUTES)).isTrue();
		}
		RedisConsole.kill(redis);
		held.forEach((each) -> each.mayEnd().countDown());
		firsts.forEach((first) -> assertThat(first.join().statusCode()).isEqualTo(201));
		assertUnavailable(app.post("/payouts", TestApp.newKey(), "{}"));
		startRedis();
		eventually().until(() -> output.getAll().contains("answers again"));
		keys.forEach((key) -> assertReplayed(app, key));
		assertThat(OWN_LINE.matcher(output).results().map(MatchResult::group))
			.filteredOn((line) -> line.contains(" WARN ") || line.contains("answers again"))
			.satisfiesExactly(
					(line) -> assertThat(line).contains(" WARN ", "127.0.0.1:" + this.port, "does not answer:"),
					(line) -> assertThat(line).contains(" INFO ", "127.0.0.1:" + this.port,
							" requests could not use it meanwhile; 10 outcomes were kept for it"));
	}

	private RedisProcess startRedis() {
		RedisProcess redis = RedisProcess.startLocal(this.port, "appendonly yes", "appendfsync always",
				"dir " + this.directory);
		this.opened.add(redis);
		return redis;
	}

	String client() {
		return "lettuce";
	}

	private TestApp startApp(String... properties) {
		List<String> all = new ArrayList<>(List.of("spring.data.redis.client-type=" + client(),
				"spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + this.port, "idempotency.store=redis",
				"idempotency.redis.timeout=300ms"));
		all.addAll(List.of(properties));
		TestApp app = TestApp.start(List.of(Payouts.class), all.toArray(String[]::new));
		this.opened.add(app);
		return app;
	}

	private static ConditionFactory eventually() {
		return await().atMost(LocalServer.PATIENCE).pollInterval(Duration.ofMillis(20));
	}

	private static CompletableFuture<HttpResponse<byte[]>> inThread(TestApp app, String key) {
		return CompletableFuture.supplyAsync(() -> app.post("/payouts", key, "{}"), (task) -> new Thread(task).start());
	}

	private static void assertUnavailable(HttpResponse<byte[]> answer) {
		assertThat(answer.statusCode()).isEqualTo(503);
		assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
		assertThat(answer.headers().firstValue("Retry-After")).isPresent();
		assertThat(TestApp.text(answer)).contains("urn:idempotency:problem:store-unavailable");
	}

	private static void assertReplayed(TestApp app, String key) {
		HttpResponse<byte[]> retry = app.post("/payouts", key, "{}");
		assertThat(retry.statusCode()).isEqualTo(201);
		assertThat(TestApp.text(retry)).isEqualTo("run 1");
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
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
