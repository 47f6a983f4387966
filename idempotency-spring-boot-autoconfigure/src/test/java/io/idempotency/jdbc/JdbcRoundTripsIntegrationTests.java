package io.idempotency.jdbc;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.DatabaseRelay;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a request costs, as round trips between a warm pool and its database.
 */
@ParameterizedClass
@EnumSource(names = { "POSTGRESQL", "MARIADB" })
class JdbcRoundTripsIntegrationTests {

	private static final Duration LEASE = Duration.ofMillis(1500);

	private static final Duration POLL_INTERVAL = Duration.ofMillis(50);

	private static final Map<DatabaseKind, Setup> SETUPS = new EnumMap<>(DatabaseKind.class);

	private final DatabaseKind kind;

	private final DatabaseRelay relay;

	private final TestApp app;

	private final TestApp waiting;

	JdbcRoundTripsIntegrationTests(DatabaseKind kind) {
		this.kind = kind;
		Setup setup = SETUPS.computeIfAbsent(kind, Setup::start);
		this.relay = setup.relay();
		this.app = setup.app();
		this.waiting = setup.waiting();
	}

	@AfterAll
	static void stop() {
		SETUPS.values().forEach(Setup::close);
		SETUPS.clear();
	}

	@Test
	void firstRequestCostsTwoRoundTrips() {
		for (int i = 0; i < 10; i++) {
			assertThat(roundTripsOf("/plain", TestApp.newKey(), "{}", 200)).isEqualTo(2);
		}
	}

	@Test
	void firstRequestThatFailsCostsTwoRoundTrips() {
		assertThat(roundTripsOf("/failures", TestApp.newKey(), "{}", 500)).isEqualTo(2);
	}

	/**
	 * Claim; the handler's insert; the outcome; the commit. PostgreSQL's driver begins a
	 * transaction with its first statement, MariaDB's before it, and ends it after the
	 * commit.
	 */
	@Test
	void transactionalRequestCostsItsCommitMore() {
		int transaction = (this.kind == DatabaseKind.POSTGRESQL) ? 4 : 6;
		for (int i = 0; i < 10; i++) {
			assertThat(roundTripsOf("/charges", TestApp.newKey(), "{}", 201)).isEqualTo(transaction);
		}
	}

	@Test
	void retryCostsOneRoundTrip() {
		for (String path : List.of("/plain", "/charges")) {
			String key = TestApp.newKey();
			int status = this.app.post(path, key, "{}").statusCode();
			assertThat(roundTripsOf(path, key, "{}", status)).isEqualTo(1);
		}
	}

	@Test
	void reusedKeyCostsOneRoundTrip() {
		String key = TestApp.newKey();
		this.app.post("/plain", key, "{}");
		assertThat(roundTripsOf("/plain", key, "{\"other\":1}", 422)).isEqualTo(1);
	}

	@Test
	void concurrentRequestCostsOneRoundTrip() {
		Plain.Held held = Plain.hold();
		String key = held.key();
		CompletableFuture<HttpResponse<byte[]>> first = inThread(this.app, key);
		Plain.await(held.started());
		assertThat(roundTripsOf("/held", key, "{}", 409)).isEqualTo(1);
		held.mayEnd().countDown();
		assertThat(first.join().statusCode()).isEqualTo(200);
	}

	@Test
	void leaseIsRenewedOncePerThirdOfIt() {
		assertThat(roundTripsOf("/slow", TestApp.newKey(), "{}", 200))
			.as("acquired, renewed after a third and after two thirds, completed")
			.isEqualTo(4);
	}

	@Test
	void requestWithoutKeyCostsNothing() {
		assertThat(this.relay
			.roundTripsDuring(() -> assertThat(this.app.post("/plain", null, "{}").statusCode()).isEqualTo(200)))
			.isZero();
	}

	@Test
	void keyThatIsRefusedCostsNothing() {
		assertThat(roundTripsOf("/plain", "k".repeat(256), "{}", 422)).isZero();
	}

	// C2
	@Test
	void oneQueryAsksForAllThatWait() {
		Plain.Held held = Plain.hold();
		List<CompletableFuture<HttpResponse<byte[]>>> responses = new ArrayList<>();
		responses.add(inThread(this.waiting, held.key()));
		Plain.await(held.started());
		for (int i = 0; i < 20; i++) {
			responses.add(inThread(this.waiting, held.key()));
		}
		await().until(() -> this.waiting.suspendedRequests() == 20);
		long start = System.nanoTime();
		int before = this.relay.roundTrips();
		await().until(() -> this.relay.roundTrips() >= before + 5);
		int after = this.relay.roundTrips();
		long polls = (System.nanoTime() - start) / POLL_INTERVAL.toNanos();
		assertThat(after - before).isLessThanOrEqualTo((int) polls + 2);
		held.mayEnd().countDown();
		responses.forEach((response) -> assertThat(response.join().statusCode()).isEqualTo(200));
		assertNothingIsAsked();
	}

	@Test
	void nothingIsAskedWhileNobodyWaits() {
		assertThat(this.waiting.post("/plain", TestApp.newKey(), "{}").statusCode()).isEqualTo(200);
		assertNothingIsAsked();
	}

	private void assertNothingIsAsked() {
		// The last look may be under way.
		await().pollDelay(POLL_INTERVAL.multipliedBy(2)).until(() -> this.waiting.suspendedRequests() == 0);
		int before = this.relay.roundTrips();
		await().during(POLL_INTERVAL.multipliedBy(10)).until(() -> this.relay.roundTrips() == before);
	}

	private int roundTripsOf(String path, String key, String body, int expectedStatus) {
		return this.relay
			.roundTripsDuring(() -> assertThat(this.app.post(path, key, body).statusCode()).isEqualTo(expectedStatus));
	}

	private static CompletableFuture<HttpResponse<byte[]>> inThread(TestApp app, String key) {
		return CompletableFuture.supplyAsync(() -> app.post("/held", key, "{}"), (task) -> new Thread(task).start());
	}

	/**
	 * Two applications on one database.
	 *
	 * @param waiting lets concurrent requests wait
	 */
	private record Setup(DatabaseRelay relay, TestApp app, TestApp waiting) {

		private static final String ALIVE_BYPASS = "com.zaxxer.hikari.aliveBypassWindowMs";

		static Setup start(DatabaseKind kind) {
			DatabaseRelay relay = new DatabaseRelay(kind.newDatabase());
			// Else the pool asks connections that were idle whether they are alive.
			System.setProperty(ALIVE_BYPASS, "600000");
			try {
				TestApp app = start(relay, "idempotency.lease-duration=" + LEASE.toMillis() + "ms");
				TestApp waiting = start(relay, "idempotency.wait-timeout=1m",
						"idempotency.jdbc.poll-interval=" + POLL_INTERVAL.toMillis() + "ms");
				for (String path : List.of("/plain", "/failures", "/charges")) {
					app.post(path, TestApp.newKey(), "{}");
					waiting.post(path, TestApp.newKey(), "{}");
				}
				return new Setup(relay, app, waiting);
			}
			finally {
				System.clearProperty(ALIVE_BYPASS);
			}
		}

		private static TestApp start(DatabaseRelay relay, String... properties) {
			List<String> all = new ArrayList<>(List.of(relay.database().properties()));
			all.remove("spring.datasource.hikari.minimum-idle=0");
			all.addAll(List.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always",
					"spring.datasource.hikari.maximum-pool-size=1"));
			all.addAll(List.of(properties));
			return TestApp.start(List.of(Charges.class, Plain.class), all.toArray(String[]::new));
		}

		void close() {
			this.app.close();
			this.waiting.close();
			this.relay.close();
		}

	}

	/**
	 * Handlers that do not use the database.
	 */
	@RestController
	static class Plain {

		private static final Map<String, Held> HELD = new ConcurrentHashMap<>();

		static Held hold() {
			Held held = new Held(TestApp.newKey(), new CountDownLatch(1), new CountDownLatch(1));
			HELD.put(held.key(), held);
			return held;
		}

		@PostMapping("/plain")
		String answer() {
			return "charged";
		}

		@PostMapping("/failures")
		ResponseEntity<Void> fail() {
			return ResponseEntity.internalServerError().build();
		}

		@PostMapping("/held")
		String hold(@RequestHeader("Idempotency-Key") String key) {
			Held held = Objects.requireNonNull(HELD.get(key));
			held.started().countDown();
			await(held.mayEnd());
			return "charged";
		}

		/**
		 * Takes five sixths of the lease.
		 */
		@PostMapping("/slow")
		String chargeSlowly() {
			long end = System.nanoTime() + LEASE.multipliedBy(5).dividedBy(6).toNanos();
			while (System.nanoTime() - end < 0) {
				LockSupport.parkNanos(end - System.nanoTime());
			}
			return "charged";
		}

		static void await(CountDownLatch latch) {
			try {
				assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

		record Held(String key, CountDownLatch started, CountDownLatch mayEnd) {
		}

	}

}
