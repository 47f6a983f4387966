package io.idempotency.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreStepContract;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.testing.Database;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

@ParameterizedClass
@EnumSource
class JdbcIdempotencyStoreIntegrationTests extends IdempotencyStoreStepContract {

	private static final String TABLE = "idempotency_record";

	private static final LeaseTerms TERMS = new LeaseTerms(Duration.ofMinutes(1), null);

	private static final Map<JdbcStoreSetup, Instances> INSTANCES = new EnumMap<>(JdbcStoreSetup.class);

	private static final AtomicInteger KEYS = new AtomicInteger();

	private final JdbcIdempotencyStore store;

	private final JdbcIdempotencyStore otherInstance;

	private final JdbcTransactionManager transactions;

	private final JdbcClient jdbc;

	JdbcIdempotencyStoreIntegrationTests(JdbcStoreSetup setup) {
		Instances instances = INSTANCES.computeIfAbsent(setup, Instances::start);
		this.store = instances.store();
		this.otherInstance = instances.otherInstance();
		this.transactions = instances.transactions();
		this.jdbc = instances.jdbc();
	}

	@AfterAll
	static void close() throws Exception {
		for (Instances instances : INSTANCES.values()) {
			instances.close();
		}
		INSTANCES.clear();
	}

	@Override
	protected IdempotencyStore store() {
		return this.store;
	}

	@Override
	protected IdempotencyStore otherInstance() {
		return this.otherInstance;
	}

	@Override
	protected void advance(Duration duration) {
		long end = System.nanoTime() + duration.plusMillis(5).toNanos();
		await().atMost(Duration.ofMinutes(1))
			.pollInterval(Duration.ofMillis(5))
			.until(() -> System.nanoTime() - end >= 0);
	}

	/**
	 * Whoever purges, every record is removed and counted once.
	 */
	@Test
	void severalInstancesPurgeInBatchesAtOnce() throws Exception {
		this.store.purgeExpired();
		for (int i = 0; i < 3500; i++) {
			insert("0", 1);
		}
		Lease kept = Lease.of(newKey());
		this.store.acquire(kept, Fingerprint.ANY, TERMS);
		ExecutorService threads = Executors.newFixedThreadPool(4);
		CyclicBarrier start = new CyclicBarrier(4);
		List<Callable<Integer>> purges = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			IdempotencyStore instance = (i % 2 == 0) ? this.store : this.otherInstance;
			purges.add(() -> {
				start.await();
				return instance.purgeExpired();
			});
		}
		int removed = 0;
		for (Future<Integer> purge : threads.invokeAll(purges)) {
			removed += purge.get();
		}
		threads.shutdown();
		// Rows that one instance is about to remove are left to it by the others.
		assertThat(removed + this.store.purgeExpired()).isEqualTo(3500);
		assertThat(this.store.acquire(Lease.of(kept.key()), Fingerprint.ANY, TERMS))
			.isInstanceOf(Acquisition.InProgress.class);
	}

	/**
	 * Where most records have not expired, a purge does not look at them.
	 */
	@Test
	void purgeUsesIndexOnPostgres() {
		this.store.purgeExpired();
		assumeTrue(this.store.toString().startsWith("PostgreSQL"));
		this.jdbc.sql("insert into " + TABLE
				+ " (record_key, owner, fingerprint, lease_end, stay, acquired_at, expires_at)"
				+ " select 'many ' || i, 'x', 'x', 0, 0, 0, 9000000000000000 + i from generate_series(1, 20000) as i")
			.update();
		try {
			this.jdbc.sql("analyze " + TABLE).update();
			String purge = Statements.on(TABLE, Dialect.POSTGRESQL).purge();
			assertThat(this.jdbc.sql("explain " + purge).param("batch", 1000).query(String.class).list())
				.anyMatch((line) -> line.contains("expires_at"))
				.noneMatch((line) -> line.contains("Seq Scan"));
		}
		finally {
			this.jdbc.sql("delete from " + TABLE + " where record_key like 'many %'").update();
		}
	}

	/**
	 * What one purge has no time for is left to the next.
	 */
	@Test
	void purgeIsBoundedInTime() {
		this.store.purgeExpired();
		for (int i = 0; i < 1500; i++) {
			insert("f".repeat(64), 1);
		}
		assertThat(new RecordPurge(this.store.database()).purge(Duration.ZERO)).isEqualTo(1000);
		assertThat(new RecordPurge(this.store.database()).purge(Duration.ZERO)).isEqualTo(500);
	}

	/**
	 * PostgreSQL updates a row without touching an index (HOT) where no column of an
	 * index changes, and the page of the row has room.
	 */
	@Test
	void renewalsChangeNoIndexOnPostgres() {
		assumeTrue(this.store.toString().startsWith("PostgreSQL"));
		Lease lease = Lease.of(newKey());
		assertThat(this.store.acquire(lease, Fingerprint.ANY, TERMS)).isInstanceOf(Acquisition.Acquired.class);
		int before = updates("n_tup_upd");
		int hotBefore = updates("n_tup_hot_upd");
		for (int i = 0; i < 100; i++) {
			assertThat(this.store.renew(lease, TERMS)).isTrue();
		}
		// A session tells the statistics once a second, when it does something.
		await().until(() -> this.store.renew(lease, TERMS) && updates("n_tup_upd") >= before + 100);
		int all = updates("n_tup_upd") - before;
		assertThat(updates("n_tup_hot_upd") - hotBefore).isGreaterThanOrEqualTo(all * 9 / 10);
	}

	private int updates(String kind) {
		return this.jdbc.sql("select " + kind + " from pg_stat_user_tables where relname = '" + TABLE + "'")
			.query(Integer.class)
			.single();
	}

	// T4
	@Test
	void commitsWhateverTransactionCallerIsIn() {
		Lease lease = Lease.of(newKey());
		new TransactionTemplate(this.transactions).executeWithoutResult((status) -> {
			assertThat(this.store.acquire(lease, Fingerprint.ANY, TERMS)).isInstanceOf(Acquisition.Acquired.class);
			assertThat(this.otherInstance.acquire(Lease.of(lease.key()), Fingerprint.ANY, TERMS))
				.isInstanceOf(Acquisition.InProgress.class);
			assertThat(this.store.complete(lease, new ResponseNotStored(), Expiry.never())).isTrue();
			status.setRollbackOnly();
		});
		assertThat(this.otherInstance.acquire(Lease.of(lease.key()), Fingerprint.ANY, TERMS))
			.isInstanceOf(Acquisition.Completed.class);
	}

	@Test
	void answersUnreadableRecordWithException() {
		RecordKey damaged = insert("f".repeat(64), Long.MAX_VALUE / 2);
		assertThatExceptionOfType(UnreadableRecordException.class)
			.isThrownBy(() -> this.store.acquire(Lease.of(damaged), Fingerprint.ANY, TERMS))
			.withMessageContaining(damaged.hex());
		RecordKey foreign = insert("not a digest", Long.MAX_VALUE / 2);
		assertThatExceptionOfType(UnreadableRecordException.class)
			.isThrownBy(() -> this.store.acquire(Lease.of(foreign), Fingerprint.ANY, TERMS))
			.withMessageContaining("fingerprint");
	}

	private RecordKey insert(String fingerprint, long expiresAt) {
		RecordKey key = newKey();
		this.jdbc
			.sql("insert into " + TABLE
					+ " (record_key, owner, fingerprint, outcome, lease_end, stay, acquired_at, expires_at)"
					+ " values (:key, 'x', :fingerprint, :outcome, 0, 0, 0, :expiresAt)")
			.param("key", key.hex())
			.param("fingerprint", fingerprint)
			.param("outcome", new byte[] { 1, 2, 3 })
			.param("expiresAt", expiresAt)
			.update();
		return key;
	}

	private RecordKey newKey() {
		return new RecordKey("%064x".formatted(KEYS.incrementAndGet()));
	}

	/**
	 * Two instances of an application on one database.
	 *
	 * @param transactions the first one's transactions
	 * @param jdbc a connection that belongs to neither
	 */
	private record Instances(JdbcIdempotencyStore store, JdbcIdempotencyStore otherInstance,
			JdbcTransactionManager transactions, JdbcClient jdbc, List<AutoCloseable> toClose) {

		static Instances start(JdbcStoreSetup setup) {
			Database database = setup.database().newDatabase();
			HikariDataSource first = setup.connect(database);
			HikariDataSource second = setup.connect(database);
			JdbcStoreProperties properties = new JdbcStoreProperties(DatabaseInitializationMode.ALWAYS, TABLE, false,
					Duration.ofMillis(50), Duration.ofSeconds(30));
			new RecordTableInitializer(first, properties).initializeDatabase();
			JdbcTransactionManager transactions = new JdbcTransactionManager(setup.seenByStore(first));
			JdbcIdempotencyStore store = new JdbcIdempotencyStore(setup.seenByStore(first), transactions, properties,
					OutcomeCodec.plain(), null, () -> null);
			JdbcIdempotencyStore otherInstance = new JdbcIdempotencyStore(setup.seenByStore(second), null, properties,
					OutcomeCodec.plain(), null, () -> null);
			SingleConnectionDataSource third = new SingleConnectionDataSource(database.url(), database.username(),
					database.password(), true);
			return new Instances(store, otherInstance, transactions, JdbcClient.create(third),
					List.of(store, otherInstance, first, second, third));
		}

		void close() throws Exception {
			for (AutoCloseable closeable : this.toClose) {
				closeable.close();
			}
		}

	}

}
