package io.idempotency.jdbc;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.store.Acquisition;
import io.idempotency.store.EnlistTerms;
import io.idempotency.store.Enlistment;
import io.idempotency.store.Enlistment.Enlisted;
import io.idempotency.store.Enlistment.Present;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredResult;
import io.idempotency.testing.Database;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.dao.CannotAcquireLockException;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * V3: records in transactions, in each of the ways in which applications connect.
 */
@ParameterizedClass
@EnumSource
class EnlistIntegrationTests {

	private static final Map<JdbcStoreSetup, Instance> INSTANCES = new EnumMap<>(JdbcStoreSetup.class);

	private static final Expiry EXPIRY = Expiry.after(Duration.ofHours(1));

	private static final EnlistTerms AT_ONCE = new EnlistTerms(EXPIRY, true, Duration.ZERO);

	private static final EnlistTerms PATIENT = new EnlistTerms(EXPIRY, true, Duration.ofSeconds(30));

	private static final LeaseTerms LEASE = new LeaseTerms(Duration.ofMinutes(1), null);

	private static final StoredResult RESULT = new StoredResult(false, "int", null, new byte[] { '1' });

	private static final StoredResult OTHER = new StoredResult(false, "int", null, new byte[] { '2' });

	private final RecordKey key = RecordKey.random();

	private final JdbcIdempotencyStore store;

	private final TransactionTemplate transaction;

	EnlistIntegrationTests(JdbcStoreSetup setup) {
		Instance instance = INSTANCES.computeIfAbsent(setup, Instance::start);
		this.store = instance.store();
		this.transaction = new TransactionTemplate(instance.transactions());
	}

	@AfterAll
	static void close() {
		INSTANCES.values().forEach(Instance::close);
		INSTANCES.clear();
	}

	@Test
	void commitsWhatWasEnlistedOrReplaced() {
		enlisted(RESULT).commit();
		assertThat(present(AT_ONCE)).isEqualTo(new Acquisition.Completed(Fingerprint.ANY, RESULT));
		RecordKey other = RecordKey.random();
		Enlisted record = (Enlisted) this.store.enlist(other, Fingerprint.ANY, new ResponseNotStored(), AT_ONCE);
		record.complete(OTHER);
		assertThat(record.isJoined()).isFalse();
		record.commit();
		assertThat(this.store.find(other).map(StoredRecord::content))
			.contains(new Acquisition.Completed(Fingerprint.ANY, OTHER));
	}

	@Test
	void leavesNothingWhenRolledBackOrReleased() {
		enlisted(RESULT).rollback();
		assertThat(this.store.find(this.key)).isEmpty();
		Enlisted record = enlisted(RESULT);
		record.release();
		record.commit();
		assertThat(this.store.find(this.key)).isEmpty();
		enlisted(RESULT).commit();
	}

	@Test
	void joinsTransactionOfCaller() {
		assertThat(this.store.isInTransaction()).isFalse();
		this.transaction.executeWithoutResult((status) -> {
			assertThat(this.store.isInTransaction()).isTrue();
			Enlisted record = enlisted(RESULT);
			assertThat(record.isJoined()).isTrue();
			record.commit();
			assertThat(present(AT_ONCE)).isInstanceOf(Acquisition.Completed.class);
			assertThat(status.isRollbackOnly()).isFalse();
		});
		assertThat(this.store.find(this.key)).isPresent();
		RecordKey other = RecordKey.random();
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> {
				((Enlisted) this.store.enlist(other, Fingerprint.ANY, RESULT, AT_ONCE)).rollback();
				assertThat(status.isRollbackOnly()).isTrue();
			}));
		assertThat(this.store.find(other)).isEmpty();
	}

	@Test
	void showsLeaseThatHolds() {
		Lease lease = Lease.of(this.key);
		Fingerprint fingerprint = new Fingerprint("a".repeat(64));
		this.store.acquire(lease, fingerprint, LEASE);
		assertThat(present(PATIENT)).isEqualTo(new Acquisition.InProgress(fingerprint));
		this.store.release(lease);
		enlisted(RESULT).commit();
		assertThat(this.store.acquire(Lease.of(this.key), Fingerprint.ANY, LEASE))
			.isEqualTo(new Acquisition.Completed(Fingerprint.ANY, RESULT));
	}

	@Test
	void takesOverLapsedLeaseOnlyWhereItMay() {
		LeaseTerms lapsing = new LeaseTerms(Duration.ofMillis(1), EXPIRY);
		this.store.acquire(Lease.of(this.key), Fingerprint.ANY, lapsing);
		await().until(() -> this.store.find(this.key).orElseThrow().content() instanceof Acquisition.Abandoned);
		assertThat(present(new EnlistTerms(EXPIRY, false, Duration.ZERO))).isInstanceOf(Acquisition.Abandoned.class);
		enlisted(RESULT).commit();
		assertThat(this.store.find(this.key).map(StoredRecord::content))
			.contains(new Acquisition.Completed(Fingerprint.ANY, RESULT));
	}

	@Test
	void takesPlaceOfRecordThatExpiredOrWasRemoved() {
		Enlisted record = (Enlisted) this.store.enlist(this.key, Fingerprint.ANY, RESULT,
				new EnlistTerms(Expiry.after(Duration.ofMillis(1)), true, Duration.ZERO));
		record.commit();
		await().until(() -> this.store.find(this.key).isEmpty());
		enlisted(OTHER).commit();
		assertThat(this.store.find(this.key).map(StoredRecord::content))
			.contains(new Acquisition.Completed(Fingerprint.ANY, OTHER));
		assertThat(this.store.remove(this.key)).isTrue();
		enlisted(RESULT).commit();
		RecordKey other = RecordKey.random();
		this.store.acquire(Lease.of(other), Fingerprint.ANY, LEASE);
		this.store.remove(other);
		assertThat(this.store.enlist(other, Fingerprint.ANY, RESULT, AT_ONCE)).isInstanceOfSatisfying(Enlisted.class,
				Enlisted::commit);
		assertThat(this.store.find(other).map(StoredRecord::content))
			.contains(new Acquisition.Completed(Fingerprint.ANY, RESULT));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void waitsForOtherTransaction(boolean commits) throws Exception {
		CountDownLatch mayEnd = new CountDownLatch(1);
		CompletableFuture<Void> first = holding(mayEnd, commits);
		List<CompletableFuture<Object>> others = List.of(waiting(), waiting(), waiting());
		mayEnd.countDown();
		first.get();
		for (CompletableFuture<Object> other : others) {
			assertThat(other.get()).isIn(commits ? List.of(RESULT) : List.of("ran", OTHER));
		}
		assertThat(others.stream().filter((other) -> other.join().equals("ran"))).hasSize(commits ? 0 : 1);
	}

	@Test
	void doesNotWaitLongerThanItMayAndLeavesTransactionOfCaller() throws Exception {
		CountDownLatch mayEnd = new CountDownLatch(1);
		CompletableFuture<Void> first = holding(mayEnd, true);
		assertThat(present(AT_ONCE)).isEqualTo(new Acquisition.InProgress(Fingerprint.ANY));
		RecordKey other = RecordKey.random();
		this.transaction.executeWithoutResult((status) -> {
			assertThat(present(AT_ONCE)).isEqualTo(new Acquisition.InProgress(Fingerprint.ANY));
			assertThat(present(new EnlistTerms(EXPIRY, true, Duration.ofMillis(50))))
				.isEqualTo(new Acquisition.InProgress(Fingerprint.ANY));
			((Enlisted) this.store.enlist(other, Fingerprint.ANY, RESULT, AT_ONCE)).commit();
		});
		assertThat(this.store.find(other)).isPresent();
		assertThat(this.store.acquire(Lease.of(this.key), Fingerprint.ANY, LEASE)).as("with a lease")
			.isEqualTo(new Acquisition.InProgress(Fingerprint.ANY));
		mayEnd.countDown();
		first.get();
		assertThat(present(AT_ONCE)).isEqualTo(new Acquisition.Completed(Fingerprint.ANY, RESULT));
	}

	/**
	 * Returns when the record is in a transaction of another thread.
	 */
	private CompletableFuture<Void> holding(CountDownLatch mayEnd, boolean commits) throws Exception {
		CountDownLatch enlisted = new CountDownLatch(1);
		CompletableFuture<Void> holding = CompletableFuture.runAsync(() -> {
			Enlisted record = enlisted(RESULT);
			enlisted.countDown();
			awaitLatch(mayEnd);
			if (commits) {
				commitOrRepeat(record);
			}
			else {
				record.rollback();
			}
		}, (task) -> new Thread(task).start());
		assertThat(enlisted.await(20, TimeUnit.SECONDS)).isTrue();
		return holding;
	}

	/**
	 * A serializable transaction may be refused on account of those that came meanwhile.
	 */
	private void commitOrRepeat(Enlisted record) {
		try {
			record.commit();
		}
		catch (CannotAcquireLockException ex) {
			enlisted(RESULT).commit();
		}
	}

	private CompletableFuture<Object> waiting() {
		return CompletableFuture.supplyAsync(() -> {
			Enlistment enlistment = this.store.enlist(this.key, Fingerprint.ANY, OTHER, PATIENT);
			if (enlistment instanceof Enlisted record) {
				record.commit();
				return "ran";
			}
			return ((Acquisition.Completed) ((Present) enlistment).acquisition()).outcome();
		}, (task) -> new Thread(task).start());
	}

	private static void awaitLatch(CountDownLatch latch) {
		try {
			assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Enlisted enlisted(StoredResult outcome) {
		return (Enlisted) this.store.enlist(this.key, Fingerprint.ANY, outcome, AT_ONCE);
	}

	private Acquisition present(EnlistTerms terms) {
		return ((Present) this.store.enlist(this.key, Fingerprint.ANY, OTHER, terms)).acquisition();
	}

	/**
	 * A store with its pool.
	 */
	private record Instance(HikariDataSource pool, JdbcTransactionManager transactions, JdbcIdempotencyStore store) {

		static Instance start(JdbcStoreSetup setup) {
			Database database = setup.database().newDatabase();
			HikariDataSource pool = setup.connect(database);
			DataSource seen = setup.seenByStore(pool);
			new RecordTableInitializer(pool, new JdbcStoreProperties(DatabaseInitializationMode.ALWAYS,
					"idempotency_record", false, Duration.ofMillis(50), Duration.ofSeconds(5)))
				.initializeDatabase();
			JdbcTransactionManager transactions = new JdbcTransactionManager(seen);
			return new Instance(pool, transactions,
					new JdbcIdempotencyStore(seen, transactions, "idempotency_record", OutcomeCodec.plain()));
		}

		void close() {
			this.store.close();
			this.pool.close();
		}

	}

}
