package io.idempotency.jdbc;

import java.net.http.HttpResponse;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Handlers that hold every connection of the pool do not let leases lapse.
 */
@ExtendWith(OutputCaptureExtension.class)
class RenewalConnectionsIntegrationTests {

	private static final int POOL = 3;

	private static final String AT_RISK = "leases are renewed on connections of the application's pool";

	private static final Runs RUNS = new Runs();

	private static volatile CountDownLatch go = new CountDownLatch(1);

	private final Database database = DatabaseKind.POSTGRESQL.newDatabase();

	@Test
	void renewsBesidesHikari(CapturedOutput output) throws Exception {
		assertKeepsLeases(Slow.class);
		assertThat(output).doesNotContain(AT_RISK);
	}

	@Test
	void renewsByDetailsOfConnection(CapturedOutput output) throws Exception {
		assertKeepsLeases(Slow.class, OtherPool.class, Details.class);
		assertThat(output).doesNotContain(AT_RISK);
	}

	@Test
	void renewsOnDataSourceThatIsMarked(CapturedOutput output) throws Exception {
		assertKeepsLeases(Slow.class, OtherPool.class, Marked.class);
		assertThat(output).doesNotContain(AT_RISK);
	}

	private void assertKeepsLeases(Class<?>... configuration) throws Exception {
		go = new CountDownLatch(1);
		try (TestApp app = start("1s", configuration); TestApp other = start("1s", Slow.class)) {
			List<String> keys = IntStream.range(0, POOL).mapToObj((i) -> TestApp.newKey()).toList();
			List<CompletableFuture<HttpResponse<byte[]>>> firsts = keys.stream()
				.map((key) -> CompletableFuture.supplyAsync(() -> app.post("/slow", key, "{}")))
				.toList();
			await().until(() -> keys.stream().allMatch((key) -> RUNS.count(key) == 1));
			long firstEnd = earliestLeaseEnd();
			await().atMost(Duration.ofSeconds(30)).until(() -> earliestLeaseEnd() > firstEnd + 2500);
			for (String key : keys) {
				assertThat(other.post("/slow", key, "{}").statusCode()).isEqualTo(409);
				assertThat(RUNS.count(key)).isEqualTo(1);
			}
			go.countDown();
			assertThat(firsts).allSatisfy((first) -> assertThat(first.join().statusCode()).isEqualTo(200));
		}
		finally {
			go.countDown();
		}
	}

	private long earliestLeaseEnd() throws Exception {
		try (Connection connection = this.database.connect();
				var result = connection.createStatement()
					.executeQuery("select coalesce(min(lease_end), 0) from idempotency_record")) {
			result.next();
			return result.getLong(1);
		}
	}

	@Test
	void saysWhatIsAtRiskWhereNothingElseConnects(CapturedOutput output) throws Exception {
		try (TestApp app = start("30s", Things.class, OtherPool.class)) {
			assertThat(output).contains("WARN", AT_RISK, "@RenewalDataSource");
			assertThat(app.post("/things", TestApp.newKey(), "{}").statusCode()).isEqualTo(200);
		}
	}

	/**
	 * There, a lease would seem to be lost.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "another schema", "another database" })
	void doesNotRenewElsewhere(String where, CapturedOutput output) throws Exception {
		String url = where.equals("another schema") ? inAnotherSchema() : DatabaseKind.POSTGRESQL.newDatabase().url();
		go = new CountDownLatch(1);
		try (TestApp app = start("1s", List.of("test.renewals=" + url), Slow.class, OtherPool.class, Marked.class)) {
			assertThat(output).contains("do not see the records", AT_RISK);
			String key = TestApp.newKey();
			CompletableFuture<HttpResponse<byte[]>> first = CompletableFuture
				.supplyAsync(() -> app.post("/slow", key, "{}"));
			await().until(() -> RUNS.count(key) == 1);
			long firstEnd = earliestLeaseEnd();
			await().atMost(Duration.ofSeconds(30)).until(() -> earliestLeaseEnd() > firstEnd + 2500);
			go.countDown();
			assertThat(first.join().statusCode()).isEqualTo(200);
		}
		finally {
			go.countDown();
		}
	}

	private String inAnotherSchema() throws Exception {
		try (Connection connection = this.database.connect()) {
			connection.createStatement().execute("create schema other");
			connection.createStatement().execute("set search_path to other");
			connection.createStatement()
				.execute("create table idempotency_record (record_key varchar(64) primary key, owner varchar(64),"
						+ " fingerprint varchar(64), removed_owner varchar(64), outcome bytea, lease_end bigint,"
						+ " stay bigint, expires_at bigint)");
		}
		return this.database.url() + (this.database.url().contains("?") ? "&" : "?") + "currentSchema=other";
	}

	private TestApp start(String lease, Class<?>... configuration) {
		return start(lease, List.of(), configuration);
	}

	private TestApp start(String lease, List<String> more, Class<?>... configuration) {
		List<String> properties = new ArrayList<>(List.of(this.database.properties()));
		properties.addAll(more);
		properties.addAll(List.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always",
				"idempotency.lease-duration=" + lease, "spring.datasource.hikari.maximum-pool-size=" + POOL,
				"spring.datasource.hikari.connection-timeout=60000"));
		List<Class<?>> classes = new ArrayList<>(List.of(configuration));
		classes.add(Where.class);
		return TestApp.start(classes, properties.toArray(String[]::new));
	}

	@RestController
	static class Slow {

		private final TransactionTemplate transactions;

		private final JdbcClient jdbc;

		Slow(PlatformTransactionManager transactions, JdbcClient jdbc) {
			this.transactions = new TransactionTemplate(transactions);
			this.jdbc = jdbc;
		}

		@PostMapping("/slow")
		@Nullable String slow(@RequestHeader("Idempotency-Key") String key) {
			return this.transactions.execute((status) -> {
				String answer = this.jdbc.sql("select 'done'").query(String.class).single();
				RUNS.next(key);
				try {
					go.await();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
				return answer;
			});
		}

	}

	@RestController
	static class Things {

		@PostMapping("/things")
		String create() {
			return "created";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Where {

		@Bean
		Database database(@Value("${spring.datasource.url}") String url,
				@Value("${spring.datasource.username}") String username,
				@Value("${spring.datasource.password}") String password) {
			return new Database(url, username, password);
		}

	}

	/**
	 * A pool of which the library knows nothing.
	 */
	@Configuration(proxyBeanMethods = false)
	static class OtherPool {

		@Bean
		DataSource dataSource(Database database) {
			HikariDataSource pool = database.dataSource();
			pool.setMaximumPoolSize(POOL);
			pool.setConnectionTimeout(60_000);
			return new UnknownPool(pool);
		}

	}

	static final class UnknownPool extends DelegatingDataSource implements AutoCloseable {

		private final HikariDataSource pool;

		UnknownPool(HikariDataSource pool) {
			super(pool);
			this.pool = pool;
		}

		@Override
		public boolean isWrapperFor(Class<?> type) {
			return type.isInstance(this);
		}

		@Override
		public void close() {
			this.pool.close();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Details {

		@Bean
		JdbcConnectionDetails connectionDetails(Database database) {
			return new JdbcConnectionDetails() {
				@Override
				public String getUsername() {
					return database.username();
				}

				@Override
				public String getPassword() {
					return database.password();
				}

				@Override
				public String getJdbcUrl() {
					return database.url();
				}
			};
		}

	}

	/**
	 * Connects to the same database, or to where the test says.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Marked {

		@Bean(defaultCandidate = false)
		@RenewalDataSource
		DataSource renewalDataSource(@Value("${test.renewals:${spring.datasource.url}}") String url,
				Database database) {
			return new DriverManagerDataSource(url, database.username(), database.password());
		}

	}

}
