package io.idempotency.jdbc;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.testing.DatabaseKind;
import org.junit.jupiter.api.Test;

import org.springframework.core.io.ClassPathResource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;

/**
 * Measures claims and completions on PostgreSQL in an empty table, in a large one, and
 * while a fifth of that is purged. It is not a part of the build and asserts nothing
 * about what it measures. To run it:
 *
 * <pre>
 * mvn -q test -pl idempotency-spring-boot-autoconfigure -Dtest=RecordTableBenchmark -Dbenchmark.rows=10000,1000000,10000000
 * </pre>
 */
class RecordTableBenchmark {

	private static final List<Integer> ROWS = Stream
		.of(System.getProperty("benchmark.rows", "10000,1000000").split(","))
		.map(Integer::valueOf)
		.toList();

	private static final int CLAIMS = 3000;

	private static final LeaseTerms TERMS = new LeaseTerms(Duration.ofMinutes(1), null);

	@Test
	void measure() {
		ROWS.forEach(RecordTableBenchmark::measure);
	}

	private static void measure(int rows) {
		try (HikariDataSource dataSource = DatabaseKind.POSTGRESQL.newDatabase().dataSource()) {
			new ResourceDatabasePopulator(
					new ClassPathResource("schema-v1-postgresql.sql", RecordTableInitializer.class))
				.execute(dataSource);
			try (JdbcIdempotencyStore store = new JdbcIdempotencyStore(dataSource, null, "idempotency_record",
					OutcomeCodec.plain())) {
				print("warming up", store);
				print("empty", store);
				fill(JdbcClient.create(dataSource), rows);
				print(rows + " rows", store);
				CompletableFuture<Integer> purge = CompletableFuture.supplyAsync(store::purgeExpired);
				long began = System.nanoTime();
				print("during a purge", store);
				long purged = purge.join();
				int more;
				do {
					more = store.purgeExpired();
					purged += more;
				}
				while (more > 0);
				print("after it", store);
				System.out.printf(Locale.ROOT, "%d rows were purged in %d ms%n", purged,
						TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
			}
		}
	}

	private static void fill(JdbcClient jdbc, int rows) {
		jdbc.sql(
				"insert into idempotency_record (record_key, owner, fingerprint, outcome, lease_end, stay, acquired_at, expires_at)"
						+ " select md5(i::text) || md5((-i)::text), md5(i::text), md5(i::text), decode(repeat(md5(i::text), 8), 'hex'),"
						+ " 0, 0, 0, case when i % 5 = 0 then 1 else 9000000000000 + i end from generate_series(1, :rows) as i")
			.param("rows", rows)
			.update();
		jdbc.sql("vacuum analyze idempotency_record").update();
	}

	private static void print(String name, JdbcIdempotencyStore store) {
		long[] nanos = new long[CLAIMS];
		for (int i = 0; i < CLAIMS; i++) {
			Lease lease = Lease.of(RecordKey.random());
			long began = System.nanoTime();
			store.acquire(lease, Fingerprint.ANY, TERMS);
			store.complete(lease, new ResponseNotStored(), Expiry.never());
			nanos[i] = System.nanoTime() - began;
		}
		Arrays.sort(nanos);
		System.out.printf(Locale.ROOT, "%-20s claim and completion, microseconds: median %6d, 99 %% %6d%n", name,
				TimeUnit.NANOSECONDS.toMicros(nanos[CLAIMS / 2]),
				TimeUnit.NANOSECONDS.toMicros(nanos[CLAIMS * 99 / 100]));
	}

}
