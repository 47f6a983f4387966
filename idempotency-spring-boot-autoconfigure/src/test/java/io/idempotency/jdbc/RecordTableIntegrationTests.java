package io.idempotency.jdbc;

import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.core.io.ClassPathResource;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ScriptUtils;
import org.springframework.jdbc.support.JdbcTransactionManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

/**
 * The table with the records, on every database.
 */
class RecordTableIntegrationTests {

	private static final LeaseTerms TERMS = new LeaseTerms(Duration.ofMinutes(1), null);

	private static final LeaseTerms SHORT = new LeaseTerms(Duration.ofMillis(1), Expiry.after(Duration.ofDays(1)));

	@ParameterizedTest
	@EnumSource
	void canHaveAnotherName(JdbcStoreSetup setup) throws Exception {
		try (HikariDataSource dataSource = setup.connect(setup.database().newDatabase())) {
			assertStoreWorks(setup, dataSource, "Payment_Keys2");
			assertThat(tables(dataSource)).contains("payment_keys2").doesNotContain("idempotency_record");
		}
	}

	@ParameterizedTest
	@EnumSource
	void canBeInAnotherSchema(JdbcStoreSetup setup) throws Exception {
		Database database = setup.database().newDatabase();
		String schema = "app_" + UUID.randomUUID().toString().substring(0, 8);
		try (Connection connection = database.connect()) {
			connection.createStatement().execute("create schema " + schema);
		}
		try (HikariDataSource dataSource = setup.connect(database)) {
			assertStoreWorks(setup, dataSource, schema + ".keys");
		}
	}

	private static void assertStoreWorks(JdbcStoreSetup setup, HikariDataSource dataSource, String table)
			throws Exception {
		JdbcStoreProperties properties = properties(table);
		create(dataSource, properties);
		create(dataSource, properties);
		DataSource seen = setup.seenByStore(dataSource);
		try (JdbcIdempotencyStore store = new JdbcIdempotencyStore(seen, new JdbcTransactionManager(seen), properties,
				OutcomeCodec.plain(), null, () -> null);
				JdbcIdempotencyStore other = new JdbcIdempotencyStore(seen, null, properties, OutcomeCodec.plain(),
						null, () -> null)) {
			Lease lease = Lease.of(new RecordKey("1".repeat(64)));
			assertAcquired(store, lease, TERMS);
			assertThat(other.acquire(Lease.of(lease.key()), Fingerprint.ANY, TERMS))
				.isInstanceOf(Acquisition.InProgress.class);
			assertThat(store.renew(lease, TERMS)).isTrue();
			assertThat(store.release(lease)).isTrue();
			assertAcquired(store, lease, TERMS);
			AtomicBoolean hinted = new AtomicBoolean();
			IdempotencyStore.Registration registration = other.onChange(lease.key(), () -> hinted.set(true));
			assertThat(store.begin().complete(lease, new ResponseNotStored(), Expiry.never())).isTrue();
			await().untilTrue(hinted);
			registration.close();
			assertThat(store.complete(lease, new ResponseNotStored(), Expiry.never())).isTrue();
			assertThat(other.acquire(Lease.of(lease.key()), Fingerprint.ANY, TERMS))
				.isInstanceOf(Acquisition.Completed.class);
			Lease lapsing = Lease.of(new RecordKey("2".repeat(64)));
			assertAcquired(store, lapsing, SHORT);
			await().until(() -> other.acquire(Lease.of(lapsing.key()), Fingerprint.ANY,
					SHORT) instanceof Acquisition.Abandoned);
			assertAcquired(other, Lease.of(lapsing.key()), new LeaseTerms(Duration.ofMillis(1), null));
			await().until(() -> store.purgeExpired() == 1);
		}
	}

	private static void assertAcquired(IdempotencyStore store, Lease lease, LeaseTerms terms) {
		assertThat(store.acquire(lease, Fingerprint.ANY, terms)).isInstanceOf(Acquisition.Acquired.class);
	}

	/**
	 * As Flyway and Liquibase run them, or a person.
	 */
	@ParameterizedTest
	@EnumSource
	void scriptsRunAsTheyAreAndAgain(DatabaseKind kind) throws Exception {
		Database database = kind.newDatabase();
		ClassPathResource script = new ClassPathResource("schema-v1-" + kind.name().toLowerCase(Locale.ROOT) + ".sql",
				RecordTableInitializer.class);
		try (Connection connection = database.connect()) {
			ScriptUtils.executeSqlScript(connection, script);
			ScriptUtils.executeSqlScript(connection, script);
		}
		try (HikariDataSource dataSource = database.dataSource();
				JdbcIdempotencyStore store = new JdbcIdempotencyStore(dataSource, null, "idempotency_record",
						OutcomeCodec.plain())) {
			assertAcquired(store, Lease.of(new RecordKey("1".repeat(64))), TERMS);
		}
	}

	@Test
	void scriptForMySqlIsThatForMariaDb() throws Exception {
		assertThat(new ClassPathResource("schema-v1-mysql.sql", RecordTableInitializer.class).getContentAsByteArray())
			.isEqualTo(new ClassPathResource("schema-v1-mariadb.sql", RecordTableInitializer.class)
				.getContentAsByteArray());
	}

	@ParameterizedTest
	@EnumSource
	void tenInstancesCreateItAtOnce(DatabaseKind kind) throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(10);
		for (int round = 0; round < 2; round++) {
			try (HikariDataSource dataSource = kind.newDatabase().dataSource()) {
				CyclicBarrier start = new CyclicBarrier(10);
				Callable<Void> instance = () -> {
					dataSource.getConnection().close();
					start.await();
					create(dataSource, properties(JdbcStoreProperties.DEFAULT_TABLE));
					return null;
				};
				List<Callable<Void>> instances = new ArrayList<>();
				for (int i = 0; i < 10; i++) {
					instances.add(instance);
				}
				for (Future<Void> done : threads.invokeAll(instances)) {
					done.get();
				}
				assertThat(tables(dataSource)).contains("idempotency_record");
			}
		}
		threads.shutdown();
	}

	/**
	 * PostgreSQL then says that the table's type is there already.
	 */
	@Test
	void anotherInstanceCreatesItMeanwhile() throws Exception {
		Database database = DatabaseKind.POSTGRESQL.newDatabase();
		try (HikariDataSource dataSource = database.dataSource(); Connection other = database.connect()) {
			other.setAutoCommit(false);
			ScriptUtils.executeSqlScript(other,
					new ClassPathResource("schema-v1-postgresql.sql", RecordTableInitializer.class));
			CompletableFuture<Void> created = CompletableFuture
				.runAsync(() -> create(dataSource, properties(JdbcStoreProperties.DEFAULT_TABLE)));
			await().until(() -> JdbcClient.create(dataSource)
				.sql("select count(*) from pg_locks where not granted")
				.query(Integer.class)
				.single() > 0);
			other.commit();
			assertThat(created).succeedsWithin(Duration.ofMinutes(1));
		}
	}

	@ParameterizedTest
	@EnumSource
	void saysHowToCreateItWhereItIsMissing(JdbcStoreSetup setup) throws Exception {
		try (HikariDataSource dataSource = setup.connect(setup.database().newDatabase());
				JdbcIdempotencyStore store = new JdbcIdempotencyStore(setup.seenByStore(dataSource), null,
						"idempotency_record", OutcomeCodec.plain())) {
			assertThatExceptionOfType(InvalidDataAccessResourceUsageException.class)
				.isThrownBy(() -> store.acquire(Lease.of(new RecordKey("1".repeat(64))), Fingerprint.ANY, TERMS))
				.withMessageContainingAll("idempotency_record", "classpath:io/idempotency/jdbc",
						"idempotency.jdbc.initialize-schema=always");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "keys; drop table x", "a.b.c", ".keys", "keys.", "1keys", "\"keys\"", "kéys",
			"keys " })
	void hasNameThatIsNothingElse(String name) {
		assertThatIllegalArgumentException().isThrownBy(() -> properties(name))
			.withMessageContaining("idempotency.jdbc.table-name");
	}

	private static JdbcStoreProperties properties(String table) {
		return new JdbcStoreProperties(DatabaseInitializationMode.ALWAYS, table, false, Duration.ofMillis(50),
				Duration.ofSeconds(30));
	}

	private static void create(HikariDataSource dataSource, JdbcStoreProperties properties) {
		new RecordTableInitializer(dataSource, properties).initializeDatabase();
	}

	private static List<String> tables(HikariDataSource dataSource) throws Exception {
		List<String> tables = new ArrayList<>();
		try (Connection connection = dataSource.getConnection();
				var result = connection.getMetaData()
					.getTables(connection.getCatalog(), null, null, new String[] { "TABLE", "BASE TABLE" })) {
			while (result.next()) {
				tables.add(result.getString("TABLE_NAME").toLowerCase(Locale.ROOT));
			}
		}
		return tables;
	}

}
