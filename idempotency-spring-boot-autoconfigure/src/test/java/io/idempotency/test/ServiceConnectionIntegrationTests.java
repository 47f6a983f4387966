package io.idempotency.test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.RedisProcess;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.JdbcDatabaseContainer;
import org.testcontainers.utility.DockerImageName;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.DatabaseDriver;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.testcontainers.service.connection.ServiceConnection;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Applications whose tests connect to containers by {@code @ServiceConnection}: the
 * properties lead nowhere. The containers are not started, so that no Docker is needed:
 * they say where the servers of other tests are.
 */
@ExtendWith(OutputCaptureExtension.class)
class ServiceConnectionIntegrationTests {

	private static final Duration LEASE = Duration.ofSeconds(1);

	private static final RedisProcess REDIS = RedisProcess.shared();

	@Test
	@DisplayName("O1: the store's connections lead to the Redis of @ServiceConnection")
	void connectsToRedis() throws Exception {
		String prefix = "idempotency.redis.key-prefix=test:" + TestApp.newKey() + ":";
		List<String> nowhere = List.of("spring.data.redis.port=" + RedisProcess.freePort(), "idempotency.store=redis",
				prefix, "idempotency.lease-duration=" + LEASE, "test.redis.host=" + REDIS.host(),
				"test.redis.port=" + REDIS.port());
		List<String> there = new ArrayList<>(List.of(REDIS.properties()));
		there.addAll(List.of(prefix, "idempotency.lease-duration=" + LEASE));
		try (TestApp connected = start(RedisContainer.class, nowhere); TestApp other = start(Payments.class, there)) {
			assertSharesRecords(connected, other);
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("O1, T3: the store's connections lead to the database of @ServiceConnection, those of renewals as well")
	void connectsToDatabase(DatabaseKind kind, CapturedOutput output) throws Exception {
		Database database = kind.newDatabase();
		List<String> nowhere = List.of(
				"spring.datasource.url=jdbc:postgresql://127.0.0.1:" + RedisProcess.freePort() + "/nowhere",
				"spring.datasource.hikari.minimum-idle=0", "idempotency.store=jdbc",
				"idempotency.jdbc.initialize-schema=always", "idempotency.lease-duration=" + LEASE,
				"test.database.url=" + database.url(), "test.database.username=" + database.username(),
				"test.database.password=" + database.password());
		List<String> there = new ArrayList<>(List.of(database.properties()));
		there.addAll(List.of("idempotency.store=jdbc", "idempotency.lease-duration=" + LEASE));
		try (TestApp connected = start(DatabaseContainer.class, nowhere);
				TestApp other = start(Payments.class, there)) {
			assertSharesRecords(connected, other);
			assertThat(output).doesNotContain("No connections apart from the pool")
				.doesNotContain("do not see the records");
		}
	}

	private static TestApp start(Class<?> configuration, List<String> properties) {
		return TestApp.start(List.of(configuration, Payments.class), properties.toArray(String[]::new));
	}

	/**
	 * The handler outlasts its lease, which is renewed.
	 */
	private static void assertSharesRecords(TestApp connected, TestApp other) throws Exception {
		String key = TestApp.newKey();
		CompletableFuture<Integer> first = CompletableFuture
			.supplyAsync(() -> connected.post("/payments", key, "{}").statusCode());
		await().until(() -> connected.bean(Runs.class).count(key) == 1);
		await().pollDelay(LEASE.plus(LEASE))
			.untilAsserted(() -> assertThat(other.post("/payments", key, "{}").statusCode()).isEqualTo(409));
		connected.bean(Payments.class).go.release();
		assertThat(first.get()).isEqualTo(200);
		assertThat(other.post("/payments", key, "{}").headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(other.bean(Runs.class).count(key)).isZero();
	}

	@RestController
	@Import(Runs.class)
	static class Payments {

		private final Semaphore go = new Semaphore(0);

		private final Runs runs;

		Payments(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/payments")
		String pay(@RequestHeader("Idempotency-Key") String key) throws InterruptedException {
			this.runs.next(key);
			this.go.acquire();
			return "paid";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class RedisContainer {

		@Bean
		@ServiceConnection(name = "redis")
		RunningRedis redis(@Value("${test.redis.host}") String host, @Value("${test.redis.port}") int port) {
			return new RunningRedis(host, port);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class DatabaseContainer {

		@Bean
		@ServiceConnection
		RunningDatabase database(@Value("${test.database.url}") String url,
				@Value("${test.database.username}") String username,
				@Value("${test.database.password}") String password) {
			return new RunningDatabase(new Database(url, username, password));
		}

	}

	private static final class RunningRedis extends GenericContainer<RunningRedis> {

		private final String host;

		private final int port;

		RunningRedis(String host, int port) {
			super(DockerImageName.parse("redis"));
			this.host = host;
			this.port = port;
		}

		@Override
		public void start() {
		}

		@Override
		public void stop() {
		}

		@Override
		public String getHost() {
			return this.host;
		}

		@Override
		public Integer getMappedPort(int originalPort) {
			return this.port;
		}

	}

	private static final class RunningDatabase extends JdbcDatabaseContainer<RunningDatabase> {

		private final Database database;

		RunningDatabase(Database database) {
			super(DockerImageName.parse("database"));
			this.database = database;
		}

		@Override
		public void start() {
		}

		@Override
		public void stop() {
		}

		@Override
		public String getDriverClassName() {
			return Objects.requireNonNull(DatabaseDriver.fromJdbcUrl(getJdbcUrl()).getDriverClassName());
		}

		@Override
		public String getJdbcUrl() {
			return this.database.url();
		}

		@Override
		public String getUsername() {
			return this.database.username();
		}

		@Override
		public String getPassword() {
			return this.database.password();
		}

		@Override
		protected String getTestQueryString() {
			return "select 1";
		}

	}

}
