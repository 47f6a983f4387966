package io.idempotency.redis;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.idempotency.redis.RedisStoreProperties.Acknowledge;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.testing.HeldHandlers;
import io.idempotency.testing.HeldHandlers.Held;
import io.idempotency.testing.LocalServer;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * Requests that wait until a replica has their claims and responses.
 */
@ParameterizedClass
@ValueSource(strings = { "lettuce", "jedis" })
@ExtendWith(OutputCaptureExtension.class)
class RedisAcknowledgeIntegrationTests {

	private static final Runs RUNS = new Runs();

	private static final HeldHandlers HELD = new HeldHandlers();

	private static final RedisProcess MASTER = RedisProcess.startLocal("repl-diskless-sync-delay 0");

	private static final RedisProcess REPLICA = RedisProcess.startLocal("replicaof 127.0.0.1 " + MASTER.port());

	private static final Map<String, TestApp> APPS = new ConcurrentHashMap<>();

	private final String client;

	private final TestApp app;

	RedisAcknowledgeIntegrationTests(String client) {
		this.client = client;
		this.app = APPS.computeIfAbsent(client, (newClient) -> startApp(newClient, "300ms"));
		awaitReplica(this.app);
	}

	private TestApp startOther(String patience, String... properties) {
		return startApp(this.client, patience, properties);
	}

	private static TestApp startApp(String client, String patience, String... properties) {
		return TestApp.start(List.of(Transfers.class), Stream
			.of(Stream.of(MASTER.properties()),
					Stream.of("idempotency.redis.acknowledge.replicas=1",
							"idempotency.redis.acknowledge.timeout=" + patience, "idempotency.redis.timeout=20s",
							"spring.data.redis.client-type=" + client),
					Stream.of(properties))
			.flatMap((all) -> all)
			.toArray(String[]::new));
	}

	/**
	 * Waits until claims are acknowledged, and the store has seen it.
	 */
	private static void awaitReplica(TestApp app) {
		await().atMost(LocalServer.PATIENCE)
			.until(() -> app.post("/transfers", TestApp.newKey(), "{}").statusCode() == 201);
	}

	@AfterAll
	static void stop() {
		APPS.values().forEach(TestApp::close);
		REPLICA.close();
		MASTER.close();
	}

	@Test
	void waitsForReplicaAtClaimAndAtCompletionAndNotAtReplay() {
		String key = TestApp.newKey();
		List<String> first = RedisConsole.commandsDuring(MASTER,
				() -> assertThat(this.app.post("/transfers", key, "{}").statusCode()).isEqualTo(201));
		assertThat(first).filteredOn((command) -> !command.contains("REPLCONF"))
			.satisfiesExactly((claim) -> assertThat(claim).startsWith("\"EVALSHA\""),
					(wait) -> assertThat(wait).isEqualTo("\"WAIT\" \"1\" \"300\""),
					(completion) -> assertThat(completion).startsWith("\"EVALSHA\""),
					(wait) -> assertThat(wait).isEqualTo("\"WAIT\" \"1\" \"300\""));
		List<String> retry = RedisConsole.commandsDuring(MASTER, () -> assertReplayed(this.app, key));
		assertThat(retry).filteredOn((command) -> !command.contains("REPLCONF"))
			.singleElement()
			.asString()
			.startsWith("\"EVALSHA\"");
	}

	@Test
	void refusesClaimThatReplicaDoesNotAcknowledgeAndFreesItsKey(CapturedOutput output) {
		String known = TestApp.newKey();
		assertThat(this.app.post("/transfers", known, "{}").statusCode()).isEqualTo(201);
		String key = TestApp.newKey();
		int records = records();
		RedisConsole.suspendDuring(REPLICA, () -> {
			for (int i = 0; i < 5; i++) {
				assertUnavailable(this.app.post("/transfers", key, "{}"));
				assertThat(records()).isEqualTo(records);
			}
			assertReplayed(this.app, known);
			assertThat(this.app.post("/transfers", null, "{}").statusCode()).as("without a key").isEqualTo(201);
		});
		assertThat(RUNS.count(key)).isZero();
		await().until(() -> this.app.post("/transfers", key, "{}").statusCode() == 201);
		assertReplayed(this.app, key);
		assertThat(RUNS.count(key)).isEqualTo(1);
		assertThat(output.toString()
			.lines()
			.filter((line) -> line.contains("WARN") && line.contains("acknowledge writes"))).singleElement()
			.asString()
			.contains("requests with new keys are refused")
			.contains("127.0.0.1:" + MASTER.port())
			.contains("idempotency.redis.acknowledge.replicas=1");
	}

	@Test
	void sendsResponseThatReplicaDoesNotAcknowledgeAndCountsIt(CapturedOutput output) throws Exception {
		IdempotencyStore store = this.app.bean(IdempotencyStore.class);
		long before = store.unacknowledged();
		List<String> keys = Stream.generate(TestApp::newKey).limit(3).toList();
		List<Held> held = keys.stream().map(HELD::hold).toList();
		List<CompletableFuture<HttpResponse<byte[]>>> requests = keys.stream()
			.map((key) -> inThread(this.app, "/transfers", key))
			.toList();
		for (Held handler : held) {
			assertThat(handler.started().await(1, TimeUnit.MINUTES)).isTrue();
		}
		RedisConsole.suspendDuring(REPLICA, () -> {
			held.forEach((handler) -> handler.mayEnd().countDown());
			requests.forEach((request) -> assertThat(request.join().statusCode()).isEqualTo(201));
			keys.forEach((key) -> assertReplayed(this.app, key));
		});
		assertThat(store.unacknowledged() - before).isEqualTo(3);
		assertThat(output.toString()
			.lines()
			.filter((line) -> line.contains("WARN") && line.contains("acknowledge writes"))).hasSize(1);
		awaitReplica(this.app);
	}

	@Test
	void requestsThatWaitForReplicaDelayNeitherReplaysNorRequestsWithoutKeys() {
		try (TestApp other = startOther("15s")) {
			String known = TestApp.newKey();
			assertThat(other.post("/transfers", known, "{}").statusCode()).isEqualTo(201);
			List<CompletableFuture<HttpResponse<byte[]>>> waiting = new ArrayList<>();
			RedisConsole.suspendDuring(REPLICA, () -> {
				for (int i = 0; i < 10; i++) {
					waiting.add(inThread(other, "/transfers", TestApp.newKey()));
				}
				assertReplayed(other, known);
				assertThat(other.post("/transfers", null, "{}").statusCode()).isEqualTo(201);
				assertThat(waiting).noneMatch(CompletableFuture::isDone);
			});
			waiting.forEach((request) -> assertThat(request.join().statusCode()).isEqualTo(201));
		}
	}

	@Test
	void usesTheDatabaseOfTheOtherConnections() {
		try (TestApp other = startOther("300ms", "spring.data.redis.database=3")) {
			String key = TestApp.newKey();
			assertThat(other.post("/failures", key, "{}").statusCode()).isEqualTo(500);
			assertThat(other.post("/failures", key, "{}").statusCode()).isEqualTo(500);
			assertThat(RUNS.count(key)).isEqualTo(2);
			try (RedisConsole console = RedisConsole.connect(MASTER)) {
				console.send("SELECT 3");
				console.send("FLUSHDB");
				assertThat(other.post("/transfers", TestApp.newKey(), "{}").statusCode()).isEqualTo(201);
				assertThat(console.send("DBSIZE")).isEqualTo("1");
			}
		}
	}

	@Test
	void needsConnectionsOfItsOwn() {
		LettuceConnectionFactory subclass = new LettuceConnectionFactory() {
		};
		StoreConnections connections = StoreConnections.withTimeout(subclass, Duration.ofSeconds(2));
		assertThat(connections.replicated(new Acknowledge(0, Duration.ofSeconds(1)))).isNull();
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> connections.replicated(new Acknowledge(1, Duration.ofSeconds(1))))
			.withMessageContaining(
					"idempotency.redis.acknowledge.replicas needs a LettuceConnectionFactory of Spring Data")
			.withMessageContaining("and connects to localhost:6379");
	}

	@Test
	void waitsLessThanForRedisItself() {
		Duration second = Duration.ofSeconds(1);
		new RedisStoreProperties("p:", second, new Acknowledge(0, second));
		new RedisStoreProperties("p:", second, new Acknowledge(1, second.minusMillis(1)));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RedisStoreProperties("p:", second, new Acknowledge(1, second)))
			.withMessageContaining("idempotency.redis.acknowledge.timeout must be at least 1 ms and shorter than "
					+ "idempotency.redis.timeout");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new RedisStoreProperties("p:", second, new Acknowledge(-1, Duration.ofMillis(1))))
			.withMessageContaining("idempotency.redis.acknowledge.replicas must not be negative");
	}

	private static int records() {
		try (RedisConsole console = RedisConsole.connect(MASTER)) {
			return Integer.parseInt(console.send("DBSIZE"));
		}
	}

	private static CompletableFuture<HttpResponse<byte[]>> inThread(TestApp app, String path, String key) {
		return CompletableFuture.supplyAsync(() -> app.post(path, key, "{}"), (task) -> new Thread(task).start());
	}

	private static void assertUnavailable(HttpResponse<byte[]> answer) {
		assertThat(answer.statusCode()).isEqualTo(503);
		assertThat(answer.headers().firstValue("Retry-After")).isPresent();
		assertThat(TestApp.text(answer)).contains("urn:idempotency:problem:store-unavailable");
	}

	private static void assertReplayed(TestApp app, String key) {
		HttpResponse<byte[]> retry = app.post("/transfers", key, "{}");
		assertThat(retry.statusCode()).isEqualTo(201);
		assertThat(TestApp.text(retry)).isEqualTo("run 1");
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
	}

	@RestController
	static class Transfers {

		@PostMapping("/transfers")
		ResponseEntity<String> transfer(@RequestHeader(name = "Idempotency-Key", defaultValue = "none") String key)
				throws InterruptedException {
			HELD.pass(key);
			return ResponseEntity.status(201).body("run " + RUNS.next(key));
		}

		@PostMapping("/failures")
		void fail(@RequestHeader("Idempotency-Key") String key) {
			RUNS.next(key);
			throw new IllegalStateException("It was to fail");
		}

	}

}
