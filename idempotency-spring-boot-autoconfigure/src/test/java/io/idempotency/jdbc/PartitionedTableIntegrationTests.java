package io.idempotency.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreStepContract;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ScriptUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The store keeps its contract on the partitioned table of the documentation, and an
 * application starts on it.
 */
class PartitionedTableIntegrationTests extends IdempotencyStoreStepContract {

	private static final JdbcStoreProperties PROPERTIES = new JdbcStoreProperties(DatabaseInitializationMode.NEVER,
			JdbcStoreProperties.DEFAULT_TABLE, false, Duration.ofMillis(50), Duration.ofSeconds(30));

	private static final Database DATABASE = DatabaseKind.POSTGRESQL.newDatabase();

	private static final HikariDataSource FIRST = DATABASE.dataSource();

	private static final HikariDataSource SECOND = DATABASE.dataSource();

	private static final JdbcIdempotencyStore STORE = store(FIRST);

	private static final JdbcIdempotencyStore OTHER_INSTANCE = store(SECOND);

	private static JdbcIdempotencyStore store(HikariDataSource dataSource) {
		return new JdbcIdempotencyStore(dataSource, null, PROPERTIES, OutcomeCodec.plain(), null, () -> null);
	}

	@BeforeAll
	static void createTable() throws Exception {
		String statements = StoresPage.exampleAfter("**Partitions**");
		try (Connection connection = DATABASE.connect()) {
			ScriptUtils.executeSqlScript(connection,
					new ByteArrayResource(statements.getBytes(StandardCharsets.UTF_8)));
		}
	}

	@AfterAll
	static void close() {
		STORE.close();
		OTHER_INSTANCE.close();
		FIRST.close();
		SECOND.close();
	}

	@Test
	void spreadsRecordsOverPartitions() {
		for (int i = 0; i < 100; i++) {
			STORE.acquire(Lease.of(RecordKey.random()), Fingerprint.ANY, new LeaseTerms(Duration.ofMinutes(1), null));
		}
		assertThat(JdbcClient.create(FIRST)
			.sql("select count(distinct tableoid) from idempotency_record")
			.query(Integer.class)
			.single()).isEqualTo(4);
	}

	@ParameterizedTest
	@ValueSource(strings = { "never", "always" })
	void applicationStartsOnIt(String initializeSchema) {
		List<String> properties = new ArrayList<>(List.of(DATABASE.properties()));
		properties.addAll(List.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=" + initializeSchema));
		try (TestApp app = TestApp.start(List.of(), properties.toArray(String[]::new))) {
			assertThat(app.bean(IdempotencyStore.class).find(RecordKey.random())).isEmpty();
		}
	}

	@Override
	protected IdempotencyStore store() {
		return STORE;
	}

	@Override
	protected IdempotencyStore otherInstance() {
		return OTHER_INSTANCE;
	}

	@Override
	protected void advance(Duration duration) {
		long end = System.nanoTime() + duration.plusMillis(5).toNanos();
		await().atMost(Duration.ofMinutes(1))
			.pollInterval(Duration.ofMillis(5))
			.until(() -> System.nanoTime() - end >= 0);
	}

}
