package io.idempotency.jdbc;

import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A handler's work and its response: both are there, or neither.
 */
@ParameterizedClass
@EnumSource
class HandlerTransactionIntegrationTests {

	private static final Map<DatabaseKind, List<TestApp>> APPS = new EnumMap<>(DatabaseKind.class);

	private final TestApp app;

	private final TestApp storingErrors;

	HandlerTransactionIntegrationTests(DatabaseKind database) {
		List<TestApp> apps = APPS.computeIfAbsent(database, HandlerTransactionIntegrationTests::start);
		this.app = apps.get(0);
		this.storingErrors = apps.get(1);
	}

	private static List<TestApp> start(DatabaseKind database) {
		String[] properties = database.newDatabase().properties();
		return List.of(start(properties, "idempotency.response-content-types=text/plain"),
				start(properties, "idempotency.store-on-statuses=2xx,4xx,5xx"));
	}

	private static TestApp start(String[] database, String... properties) {
		List<String> all = new ArrayList<>(List.of(database));
		all.addAll(List.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always",
				"spring.datasource.hikari.maximum-pool-size=5"));
		all.addAll(List.of(properties));
		return TestApp.start(List.of(Charges.class), all.toArray(String[]::new));
	}

	@AfterAll
	static void stop() {
		APPS.values().forEach((apps) -> apps.forEach(TestApp::close));
		APPS.clear();
	}

	// S6
	@Test
	void commitsWorkAndResponseTogether() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/charges", key, "{}");
		assertThat(first.statusCode()).isEqualTo(201);
		assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
		HttpResponse<byte[]> retry = this.app.post("/charges", key, "{}");
		assertThat(retry.statusCode()).isEqualTo(201);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).contains("true");
		assertThat(TestApp.text(retry)).isEqualTo(TestApp.text(first)).isEqualTo("charged by run 1");
		assertThat(charges(key)).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/throws", "/throws-inside", "/sends-error", "/refuses", "/starts-async" })
	void rollsBackWhatIsNotStored(String path) {
		String key = TestApp.newKey();
		for (int run = 1; run <= 2; run++) {
			assertThat(this.app.post(path, key, "{}").statusCode()).isGreaterThanOrEqualTo(402);
			assertThat(charges(key)).isZero();
			assertThat(Charges.RUNS.count(key)).as("the key is free").isEqualTo(run);
		}
	}

	/**
	 * The handler threw: its error is stored, its work is not.
	 */
	@ParameterizedTest
	@CsvSource({ "/throws, 500", "/throws-inside, 402", "/sends-error, 402" })
	void storesErrorOfHandlerWhoseWorkIsRolledBack(String path, int status) {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.storingErrors.post(path, key, "{}");
		assertThat(first.statusCode()).isEqualTo(status);
		HttpResponse<byte[]> retry = this.storingErrors.post(path, key, "{}");
		assertThat(retry.statusCode()).isEqualTo(status);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).contains("true");
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(charges(key)).isZero();
		assertThat(Charges.RUNS.count(key)).isEqualTo(1);
	}

	/**
	 * The handler answered: its work is stored with what it answered.
	 */
	@Test
	void commitsWorkOfHandlerThatAnswersErrorToBeStored() {
		String key = TestApp.newKey();
		for (int i = 0; i < 2; i++) {
			HttpResponse<byte[]> response = this.storingErrors.post("/refuses", key, "{}");
			assertThat(response.statusCode()).isEqualTo(402);
			assertThat(TestApp.text(response)).isEqualTo("refused by run 1");
		}
		assertThat(charges(key)).isEqualTo(1);
	}

	@Test
	void doesNotAnswerSuccessWhereWorkAskedForRollback() {
		for (String path : List.of("/swallows", "/rolls-back")) {
			String key = TestApp.newKey();
			for (int run = 1; run <= 2; run++) {
				HttpResponse<byte[]> response = this.app.post(path, key, "{}", "X-Status", "200");
				assertThat(response.statusCode()).isEqualTo(500);
				assertThat(TestApp.text(response)).doesNotContain("by run");
				assertThat(charges(key)).isZero();
				assertThat(Charges.RUNS.count(key)).as("the key is free").isEqualTo(run);
			}
		}
	}

	@Test
	void storesErrorWhereWorkAskedForRollback() {
		String key = TestApp.newKey();
		for (int i = 0; i < 2; i++) {
			HttpResponse<byte[]> response = this.storingErrors.post("/swallows", key, "{}", "X-Status", "402");
			assertThat(response.statusCode()).isEqualTo(402);
			assertThat(TestApp.text(response)).isEqualTo("swallowed by run 1");
		}
		assertThat(charges(key)).isZero();
	}

	@Test
	void answersErrorInsteadOfSuccessWhenCommitFails() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/commit-fails", key, "{}");
		assertThat(first.statusCode()).isEqualTo(500);
		assertThat(first.headers().firstValue("X-Run")).isEmpty();
		assertThat(TestApp.text(first)).doesNotContain("charged");
		assertThat(charges(key)).isZero();
		HttpResponse<byte[]> retry = this.app.post("/commit-fails", key, "{}");
		assertThat(retry.statusCode()).isEqualTo(201);
		assertThat(TestApp.text(retry)).isEqualTo("charged by run 2");
		assertThat(charges(key)).isEqualTo(1);
	}

	@Test
	void letsApplicationAnswerForCommitThatFails() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/commit-fails", key, "{}", "X-Integrity", "true");
		assertThat(first.statusCode()).isEqualTo(409);
		assertThat(TestApp.text(first)).isEqualTo("The application says: Too late");
		assertThat(first.headers().firstValue("X-Run")).isEmpty();
		assertThat(charges(key)).isZero();
		assertThat(this.app.post("/commit-fails", key, "{}", "X-Integrity", "true").statusCode()).isEqualTo(201);
	}

	// C6
	@Test
	void commitsNothingWhenLeaseWasTakenOver() {
		String key = TestApp.newKey();
		CompletableFuture<HttpResponse<byte[]>> second = new CompletableFuture<>();
		Charges.MEANWHILE.put(key, () -> {
			expireLeases();
			second.complete(sendFromOtherThread(key));
		});
		HttpResponse<byte[]> first = this.app.post("/charges", key, "{}");
		assertThat(first.statusCode()).isEqualTo(409);
		assertThat(TestApp.text(first)).contains("urn:idempotency:problem:in-progress");
		assertThat(first.headers().firstValue("Retry-After")).isPresent();
		assertThat(first.headers().firstValue("X-Run")).isEmpty();
		assertThat(TestApp.text(second.join())).isEqualTo("charged by run 2");
		assertThat(charges(key)).isEqualTo(1);
		assertThat(TestApp.text(this.app.post("/charges", key, "{}"))).isEqualTo("charged by run 2");
	}

	private HttpResponse<byte[]> sendFromOtherThread(String key) {
		return CompletableFuture.supplyAsync(() -> this.app.post("/charges", key, "{}")).join();
	}

	/**
	 * As if the owner had been paused for longer than the lease.
	 */
	private void expireLeases() {
		CompletableFuture
			.runAsync(() -> jdbc().sql("update idempotency_record set lease_end = 0, stay = 0 where outcome is null")
				.update())
			.join();
	}

	// C1
	@Test
	void refusesConcurrentRequestAtOnceWhileTransactionIsOpen() throws Exception {
		String key = TestApp.newKey();
		CountDownLatch charged = new CountDownLatch(1);
		CountDownLatch mayEnd = new CountDownLatch(1);
		Charges.MEANWHILE.put(key, () -> {
			charged.countDown();
			await(mayEnd);
		});
		CompletableFuture<HttpResponse<byte[]>> first = CompletableFuture
			.supplyAsync(() -> this.app.post("/charges", key, "{}"));
		await(charged);
		assertThat(this.app.post("/charges", key, "{}").statusCode()).isEqualTo(409);
		assertThat(this.app.post("/charges", key, "{\"other\":true}").statusCode()).isEqualTo(422);
		assertThat(charges(key)).as("visible to others").isZero();
		mayEnd.countDown();
		assertThat(first.join().statusCode()).isEqualTo(201);
		assertThat(charges(key)).isEqualTo(1);
	}

	// S3, S6
	@Test
	void sendsNoByteBeforeCommitHoweverLongTheBody() throws Exception {
		String key = TestApp.newKey();
		CountDownLatch committing = new CountDownLatch(1);
		CountDownLatch mayCommit = new CountDownLatch(1);
		Charges.MEANWHILE.put("before commit of " + key, () -> {
			committing.countDown();
			await(mayCommit);
		});
		try (Socket socket = new Socket("127.0.0.1", this.app.port())) {
			socket.setSoTimeout(60_000);
			OutputStream out = socket.getOutputStream();
			out.write(("POST /large HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n"
					+ "Idempotency-Key: " + key + "\r\n\r\n")
				.getBytes(StandardCharsets.US_ASCII));
			await(committing);
			InputStream in = socket.getInputStream();
			assertThat(in.available()).isZero();
			mayCommit.countDown();
			assertThat(in.readAllBytes()).hasSizeGreaterThan(2_000_000);
		}
		assertThat(charges(key)).isEqualTo(1);
		assertThat(TestApp.text(this.app.send(this.app.request("POST", "/large", key, new byte[0]).build())))
			.contains("response-not-stored");
	}

	// S2
	@Test
	void commitsWorkWhoseResponseHasTypeThatIsNotStored() {
		String key = TestApp.newKey();
		for (int run = 1; run <= 2; run++) {
			HttpResponse<byte[]> response = this.app.post("/pages", key, "{}");
			assertThat(response.statusCode()).isEqualTo(200);
			assertThat(TestApp.text(response)).isEqualTo("page of run " + run);
			assertThat(charges(key)).isEqualTo(run);
		}
	}

	/**
	 * Five connections, fifty requests, each with a transaction: none waits for a
	 * connection while it holds one.
	 */
	@Test
	void manyRequestsShareFewConnections() {
		List<String> keys = new ArrayList<>();
		List<CompletableFuture<HttpResponse<byte[]>>> responses = new ArrayList<>();
		CountDownLatch busy = new CountDownLatch(5);
		ExecutorService clients = Executors.newFixedThreadPool(50);
		for (int i = 0; i < 50; i++) {
			String key = UUID.randomUUID().toString();
			Charges.MEANWHILE.put(key, () -> {
				// The first five hold all connections at the same time.
				busy.countDown();
				await(busy);
			});
			keys.add(key);
			responses.add(CompletableFuture.supplyAsync(() -> this.app.post("/charges", key, "{}"), clients));
		}
		responses.forEach((response) -> assertThat(response.join().statusCode()).isEqualTo(201));
		clients.shutdown();
		keys.forEach((key) -> assertThat(charges(key)).isEqualTo(1));
	}

	private int charges(String key) {
		return this.app.bean(Charges.Ledger.class).count(key);
	}

	private JdbcClient jdbc() {
		return this.app.bean(JdbcClient.class);
	}

	private static void await(CountDownLatch latch) {
		try {
			assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
