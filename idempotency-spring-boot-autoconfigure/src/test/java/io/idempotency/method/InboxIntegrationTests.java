package io.idempotency.method;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.method.InboxLedger.Declined;
import io.idempotency.method.InboxLedger.Hold;
import io.idempotency.method.InboxLedger.Receipt;
import io.idempotency.store.TransactionalIdempotencyStore;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.StatementLog;
import io.idempotency.testing.TestApp;
import io.idempotency.testing.Worker;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.dao.CannotAcquireLockException;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

/**
 * V3: record and work are one transaction.
 */
@ParameterizedClass
@EnumSource
class InboxIntegrationTests {

	private static final Map<DatabaseKind, Worker> WORKERS = new EnumMap<>(DatabaseKind.class);

	private static final Duration LONG = Duration.ofSeconds(50);

	private final DatabaseKind kind;

	private final InboxLedger ledger;

	private final IdempotencyOperations operations;

	private final InboxLedger.Setup setup;

	private final StatementLog log;

	private final TransactionTemplate transaction;

	private final Worker worker;

	private final String key = TestApp.newKey();

	private final String lockTimeout;

	InboxIntegrationTests(DatabaseKind kind) {
		this.kind = kind;
		this.worker = WORKERS.computeIfAbsent(kind, InboxIntegrationTests::start);
		this.ledger = this.worker.bean(InboxLedger.class);
		this.operations = this.worker.bean(IdempotencyOperations.class);
		this.setup = this.worker.bean(InboxLedger.Setup.class);
		this.log = this.worker.bean(StatementLog.class);
		this.transaction = new TransactionTemplate(this.worker.bean(PlatformTransactionManager.class));
		this.lockTimeout = lockTimeout();
	}

	private static Worker start(DatabaseKind kind) {
		List<String> properties = new ArrayList<>(List.of(kind.newDatabase().properties()));
		properties.addAll(List.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always",
				"idempotency.max-result-size=1KB", "spring.datasource.hikari.maximum-pool-size=5",
				"spring.datasource.hikari.connection-timeout=10000", "idempotency.purge-interval=1h"));
		return Worker.start(List.of(InboxLedger.Setup.class), properties.toArray(String[]::new));
	}

	@AfterAll
	static void stop() {
		WORKERS.values().forEach((worker) -> {
			assertThat(worker.bean(IdempotencyEngine.class).leasesHeld()).as("leases left").isZero();
			worker.close();
		});
		WORKERS.clear();
	}

	@Test
	@DisplayName("V3: the work runs once, and later calls get its result")
	void runsOnce() {
		Receipt first = this.ledger.pay(this.key, 5);
		assertThat(this.ledger.pay(this.key, 5)).isEqualTo(first).isNotSameAs(first);
		this.ledger.book(this.key);
		this.ledger.book(this.key);
		assertThat(this.ledger.bookings(this.key)).isEqualTo(2);
		assertThat(this.setup.outcomes("pay", this.key)).containsExactly(RequestOutcome.FIRST, RequestOutcome.REPLAY);
		assertThat(this.setup.outcomes("book", this.key)).containsExactly(RequestOutcome.FIRST, RequestOutcome.REPLAY);
	}

	@Test
	@DisplayName("V3: one statement more, two if there is a result, and no second connection")
	void costsOneStatementMore() {
		this.ledger.book(TestApp.newKey());
		assertThat(this.log.during(() -> this.ledger.book(this.key))).hasSize(2);
		assertThat(this.log.during(() -> this.ledger.pay(this.key, 1))).hasSize(3);
		String joined = TestApp.newKey();
		assertThat(this.log.during(() -> this.transaction.executeWithoutResult((status) -> {
			this.ledger.book(joined);
			this.ledger.pay(joined, 1);
			this.ledger.leased(joined, 1);
		}))).hasSize(2 + 3 + 3);
		String one = TestApp.newKey();
		assertThat(this.log.connectionsDuring(() -> this.ledger.book(one))).isOne();
		assertThat(this.log.connectionsDuring(() -> this.transaction.executeWithoutResult((status) -> {
			this.ledger.pay(one, 1);
			this.ledger.leased(one, 1);
		}))).isOne();
	}

	@Test
	@DisplayName("V3: work that fails is rolled back, its exception is unchanged, and the key is free")
	void failureFreesKey() {
		assertThatIllegalStateException().isThrownBy(() -> this.ledger.pay(this.key, 0)).withMessage("no amount");
		assertThat(this.ledger.bookings(this.key)).isZero();
		assertThat(this.ledger.pay(this.key, 3).amount()).isEqualTo(3);
		assertThat(this.setup.outcomes("pay", this.key)).containsExactly(RequestOutcome.ROLLED_BACK,
				RequestOutcome.FIRST);
	}

	@Test
	@DisplayName("V3: a connection that dies leaves neither record nor work")
	void crashLeavesNeither() {
		IdempotentOperation<Void> operation = IdempotentOperation.of("crash", this.key).transactional();
		for (boolean joined : new boolean[] { false, true }) {
			assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> {
				if (joined) {
					this.transaction.executeWithoutResult((status) -> runAndDie(operation));
				}
				else {
					runAndDie(operation);
				}
			});
			assertThat(this.ledger.bookings(this.key)).isZero();
		}
		this.operations.<Void, RuntimeException>execute(operation, (context) -> {
			this.ledger.work(this.key);
			return null;
		});
		assertThat(this.ledger.bookings(this.key)).isOne();
	}

	private void runAndDie(IdempotentOperation<Void> operation) {
		this.operations.<Void, RuntimeException>execute(operation, (context) -> {
			this.ledger.work(this.key);
			JdbcClient jdbc = this.worker.bean(JdbcClient.class);
			switch (this.kind) {
				case POSTGRESQL ->
					jdbc.sql("select pg_terminate_backend(pg_backend_pid())").query(Boolean.class).single();
				case MARIADB -> jdbc.sql("kill connection_id()").update();
				case H2 -> throw new IllegalStateException("as if it died");
			}
			jdbc.sql("select 1").query(Integer.class).single();
			return null;
		});
	}

	@Test
	@DisplayName("V3: in the caller's transaction, both come and go with it")
	void joinsCallersTransaction() {
		this.transaction.executeWithoutResult((status) -> {
			this.ledger.pay(this.key, 1);
			this.ledger.leased(this.key, 1);
			assertThat(this.ledger.pay(this.key, 1).amount()).as("within the transaction").isOne();
			status.setRollbackOnly();
		});
		assertThat(this.ledger.bookings(this.key)).isZero();
		assertThat(this.setup.outcomes("leased", this.key)).containsExactly(RequestOutcome.ROLLED_BACK);
		this.transaction.executeWithoutResult((status) -> {
			this.ledger.pay(this.key, 2);
			this.ledger.leased(this.key, 2);
			assertThat(this.setup.outcomes("leased", this.key)).as("not before it is true").hasSize(1);
		});
		assertThat(this.ledger.bookings(this.key)).isEqualTo(2);
		assertThat(this.ledger.pay(this.key, 2).amount()).isEqualTo(2);
		assertThat(this.ledger.leased(this.key, 2).amount()).isEqualTo(2);
		assertThat(this.setup.outcomes("leased", this.key)).containsExactly(RequestOutcome.ROLLED_BACK,
				RequestOutcome.FIRST, RequestOutcome.REPLAY);
	}

	@Test
	@DisplayName("V3: a failure in the caller's transaction cannot be committed, whatever the caller does")
	void failureDoomsCallersTransaction() {
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> this.transaction.executeWithoutResult(
					(status) -> assertThatIllegalStateException().isThrownBy(() -> this.ledger.pay(this.key, 0))));
		assertThat(this.ledger.bookings(this.key)).isZero();
		assertThat(this.ledger.pay(this.key, 1).amount()).isOne();
	}

	@Test
	@DisplayName("T3: of a call with a lease that fails in its caller's transaction, the caller decides")
	void failureOfCallWithLeaseLeavesTransactionToCaller() {
		this.transaction.executeWithoutResult(
				(status) -> assertThatIllegalStateException().isThrownBy(() -> this.ledger.leased(this.key, 0)));
		assertThat(this.ledger.bookings(this.key)).as("committed by the caller").isOne();
		assertThat(this.ledger.leased(this.key, 1).amount()).as("the key was free").isOne();
		String declined = TestApp.newKey();
		this.transaction.executeWithoutResult((status) -> assertThatExceptionOfType(Declined.class)
			.isThrownBy(() -> this.ledger.leased(declined, -1)));
		assertThatExceptionOfType(Declined.class).isThrownBy(() -> this.ledger.leased(declined, 1));
		assertThat(this.ledger.bookings(declined)).isOne();
	}

	@Test
	@DisplayName("V3: an exception that is an answer takes the work back and is stored without it")
	void storesExceptions() {
		assertThatExceptionOfType(Declined.class).isThrownBy(() -> this.ledger.pay(this.key, -1));
		assertThat(this.ledger.bookings(this.key)).isZero();
		assertThatExceptionOfType(Declined.class).isThrownBy(() -> this.ledger.pay(this.key, -1))
			.withMessage("not covered");
		assertThat(this.setup.outcomes("pay", this.key)).containsExactly(RequestOutcome.FIRST, RequestOutcome.REPLAY);
		String joined = TestApp.newKey();
		assertThatExceptionOfType(Declined.class)
			.isThrownBy(() -> this.transaction.executeWithoutResult((status) -> this.ledger.pay(joined, -1)));
		assertThat(this.ledger.pay(joined, 4).amount()).isEqualTo(4);
	}

	@Test
	@DisplayName("V3: a result that cannot be stored takes the work back")
	void rollsBackWhatCannotBeStored() {
		IdempotentOperation<String> operation = IdempotentOperation.of("long", this.key, String.class).transactional();
		assertThatExceptionOfType(IdempotencyResultException.class)
			.isThrownBy(() -> this.operations.<String, RuntimeException>execute(operation, (context) -> {
				this.ledger.work(this.key);
				return "x".repeat(2000);
			}))
			.withMessageContaining("max-result-size");
		assertThat(this.ledger.bookings(this.key)).isZero();
		assertThat(this.operations.<String, RuntimeException>execute(operation, (context) -> "short"))
			.isEqualTo("short");
	}

	@Test
	@DisplayName("V3: work that asked for a rollback is an error, and the key is free")
	void rollbackOnlyIsError() {
		IdempotentOperation<String> operation = IdempotentOperation.of("only", this.key, String.class).transactional();
		assertThatExceptionOfType(UnexpectedRollbackException.class)
			.isThrownBy(() -> this.operations.<String, RuntimeException>execute(operation, (context) -> {
				this.transaction.executeWithoutResult((status) -> status.setRollbackOnly());
				return "done";
			}));
		assertThat(this.setup.outcomes("only", this.key)).containsExactly(RequestOutcome.ROLLED_BACK);
		assertThat(this.operations.<String, RuntimeException>execute(operation, (context) -> "again"))
			.isEqualTo("again");
	}

	@Test
	@DisplayName("F2: another fingerprint is refused, and the result is unharmed")
	void refusesOtherContent() {
		this.ledger.pay(this.key, 1);
		assertThatExceptionOfType(IdempotencyKeyReusedException.class).isThrownBy(() -> this.ledger.pay(this.key, 2));
		this.transaction.executeWithoutResult((status) -> {
			assertThatExceptionOfType(IdempotencyKeyReusedException.class)
				.isThrownBy(() -> this.ledger.pay(this.key, 2));
			this.ledger.work(this.key);
		});
		assertThat(this.ledger.bookings(this.key)).as("the caller's transaction is unharmed").isEqualTo(2);
		assertThat(this.ledger.pay(this.key, 1).amount()).isOne();
	}

	@Test
	@DisplayName("S4: a record expires, is taken over, and is purged")
	void expires() {
		IdempotentOperation<Void> operation = IdempotentOperation.of("short", this.key)
			.expiry(Duration.ofMillis(1))
			.transactional();
		AtomicInteger runs = new AtomicInteger();
		await().until(() -> {
			this.operations.<Void, RuntimeException>execute(operation, (context) -> {
				runs.incrementAndGet();
				return null;
			});
			return runs.get() == 3;
		});
		TransactionalIdempotencyStore store = this.worker.bean(TransactionalIdempotencyStore.class);
		await().until(() -> store.find(CallKeys.recordKey("short", this.key)).isEmpty());
		assertThat(store.purgeExpired()).isPositive();
	}

	@Test
	@DisplayName("O1: a purge does not wait for transactions that have records")
	void purgeIsNotBlocked() throws Exception {
		String expired = TestApp.newKey();
		this.operations.<Void, RuntimeException>execute(
				IdempotentOperation.of("short", expired).expiry(Duration.ofMillis(1)).transactional(),
				(context) -> null);
		TransactionalIdempotencyStore store = this.worker.bean(TransactionalIdempotencyStore.class);
		await().until(() -> store.find(CallKeys.recordKey("short", expired)).isEmpty());
		Hold hold = this.ledger.hold(this.key, false);
		CompletableFuture<Void> first = async(() -> this.ledger.book(this.key));
		hold.awaitWork();
		assertThat(store.purgeExpired()).isPositive();
		hold.end();
		first.get();
	}

	@Test
	@DisplayName("C2: a concurrent call waits for the transaction of the first, and gets its result")
	void waitsForFirst() throws Exception {
		Hold hold = this.ledger.hold(this.key, false);
		IdempotentOperation<String> operation = IdempotentOperation.of("slow", this.key, String.class)
			.transactional()
			.waitTimeout(LONG);
		CompletableFuture<String> first = async(() -> run(operation, "first"));
		hold.awaitWork();
		List<CompletableFuture<String>> others = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			others.add(asyncOnceAsked(() -> run(operation, "other")));
		}
		assertThat(others).noneMatch(Future::isDone);
		hold.end();
		assertThat(first.get()).isEqualTo("first");
		for (CompletableFuture<String> other : others) {
			assertThat(other.get()).isEqualTo("first");
		}
		assertThat(this.ledger.bookings(this.key)).isOne();
	}

	@Test
	@DisplayName("C2: if the first is rolled back, exactly one of those that wait runs")
	void oneRunsIfFirstFails() throws Exception {
		Hold hold = this.ledger.hold(this.key, true);
		IdempotentOperation<String> operation = IdempotentOperation.of("failing", this.key, String.class)
			.transactional()
			.waitTimeout(LONG);
		CompletableFuture<String> first = async(() -> run(operation, "first"));
		hold.awaitWork();
		List<CompletableFuture<String>> others = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			others.add(asyncOnceAsked(() -> run(operation, "other")));
		}
		hold.end();
		assertThatExceptionOfType(Exception.class).isThrownBy(first::get).withMessageContaining("the first fails");
		for (CompletableFuture<String> other : others) {
			assertThat(other.get()).isEqualTo("other");
		}
		assertThat(this.ledger.bookings(this.key)).isOne();
	}

	@Test
	@DisplayName("C1, V3: one that does not wait, or not so long, is sent back, and its caller's transaction is unharmed")
	void isSentBack() throws Exception {
		Hold hold = this.ledger.hold(this.key, false);
		IdempotentOperation<String> operation = IdempotentOperation.of("busy", this.key, String.class).transactional();
		CompletableFuture<String> first = async(() -> run(operation, "first"));
		hold.awaitWork();
		assertThatExceptionOfType(IdempotencyInProgressException.class).isThrownBy(() -> run(operation, "other"));
		String name = TestApp.newKey();
		this.transaction.executeWithoutResult((status) -> {
			this.ledger.work(name);
			assertThatExceptionOfType(IdempotencyInProgressException.class).isThrownBy(() -> run(operation, "other"));
			assertThatExceptionOfType(IdempotencyInProgressException.class)
				.isThrownBy(() -> run(operation.waitTimeout(Duration.ofMillis(300)), "other"));
			this.ledger.work(name);
			assertThat(lockTimeout()).as("left behind").isEqualTo(this.lockTimeout);
		});
		assertThat(this.ledger.bookings(name)).isEqualTo(2);
		hold.end();
		assertThat(first.get()).isEqualTo("first");
		assertThat(this.setup.outcomes("busy", this.key)).containsExactly(RequestOutcome.IN_PROGRESS,
				RequestOutcome.IN_PROGRESS, RequestOutcome.WAIT_TIMEOUT, RequestOutcome.FIRST);
	}

	@Test
	@DisplayName("V3: calls with a lease and calls in a transaction of their caller see each other")
	void leaseAndTransactionSeeEachOther() throws Exception {
		Hold inTransaction = this.ledger.hold(this.key, false);
		CompletableFuture<Receipt> first = async(
				() -> Objects.requireNonNull(this.transaction.execute((status) -> this.ledger.leased(this.key, 1))));
		inTransaction.awaitWork();
		assertThatExceptionOfType(IdempotencyInProgressException.class)
			.isThrownBy(() -> this.ledger.leased(this.key, 2));
		inTransaction.end();
		first.get();
		assertThat(this.ledger.leased(this.key, 2).amount()).isOne();

		String other = TestApp.newKey();
		Hold underLease = this.ledger.hold(other, false);
		CompletableFuture<Receipt> second = async(() -> this.ledger.leased(other, 1));
		underLease.awaitWork();
		this.transaction
			.executeWithoutResult((status) -> assertThatExceptionOfType(IdempotencyInProgressException.class)
				.isThrownBy(() -> this.ledger.leased(other, 2)));
		underLease.end();
		second.get();
		assertThat(this.transaction.<Receipt>execute((status) -> this.ledger.leased(other, 2)))
			.isEqualTo(new Receipt(other, 1));
	}

	@Test
	@DisplayName("V3: a call in a transaction waits for one with a lease, too")
	void waitsForLease() throws Exception {
		Hold hold = this.ledger.hold(this.key, false);
		IdempotentOperation<String> leased = IdempotentOperation.of("mixed", this.key, String.class).waitTimeout(LONG);
		CompletableFuture<String> first = async(() -> run(leased, "first"));
		hold.awaitWork();
		CompletableFuture<String> other = asyncOnceAsked(() -> run(leased.transactional(), "other"));
		hold.end();
		assertThat(first.get()).isEqualTo("first");
		assertThat(other.get()).isEqualTo("first");
	}

	@Test
	@DisplayName("C1: 32 threads with the same keys run each of them once")
	void runsOnceInManyThreads() throws Exception {
		List<String> keys = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			keys.add(TestApp.newKey());
		}
		all(32, () -> {
			for (String one : keys) {
				IdempotentOperation<String> operation = IdempotentOperation.of("many", one, String.class)
					.transactional()
					.waitTimeout(LONG);
				assertThat(this.operations.<String, RuntimeException>execute(operation, (context) -> {
					this.ledger.work(one);
					return one;
				})).isEqualTo(one);
			}
		});
		assertThat(keys).allSatisfy((one) -> assertThat(this.ledger.bookings(one)).isOne());
	}

	@Test
	@DisplayName("T3: 50 concurrent calls share 5 connections, in transactions of their own and of their callers")
	void doesNotStarvePool() throws Exception {
		all(50, () -> {
			String one = TestApp.newKey();
			this.ledger.book(one);
			this.ledger.pay(one, 1);
			this.transaction.executeWithoutResult((status) -> {
				this.ledger.leased(one, 1);
				this.ledger.pay(one + "'", 1);
			});
			assertThat(this.ledger.bookings(one)).isEqualTo(3);
		});
	}

	@Test
	@DisplayName("V3: the context says that nobody can follow while the transaction lasts, and has no fencing token")
	void tellsWorkOfTransaction() throws Exception {
		Hold hold = this.ledger.hold(this.key, false);
		CompletableFuture<Void> first = async(() -> this.ledger.book(this.key));
		var context = Objects.requireNonNull(hold.awaitWork().context());
		assertThat(context.key()).isEqualTo(this.key);
		assertThat(context.isLeaseHeld()).isTrue();
		assertThat(context.fencingToken()).isZero();
		hold.end();
		first.get();
		assertThat(context.isLeaseHeld()).isFalse();
	}

	@Test
	@DisplayName("V1: a method with a transaction of its own is done when it returns, whatever becomes of its caller")
	void workApartIsSettledApart() {
		this.transaction.executeWithoutResult((status) -> {
			this.ledger.apart(this.key);
			status.setRollbackOnly();
		});
		this.ledger.apart(this.key);
		assertThat(this.ledger.bookings(this.key)).isOne();
	}

	@Test
	@DisplayName("T3: asynchronous work that has ended within its caller's transaction is settled after it")
	void settlesAsynchronousWorkInBackground() {
		IdempotentOperation<String> operation = IdempotentOperation.of("async", this.key, String.class);
		this.transaction.executeWithoutResult((status) -> this.operations
			.<String, RuntimeException>executeAsync(operation, (context) -> CompletableFuture.completedFuture("done")));
		await().until(() -> this.setup.outcomes("async", this.key).equals(List.of(RequestOutcome.FIRST)));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.operations.<String, RuntimeException>executeAsync(operation.transactional(),
					(context) -> CompletableFuture.completedFuture("done")));
	}

	@Test
	@DisplayName("C2: one that waits in its caller's transaction goes on in it, as if it had not waited")
	void waitsInCallersTransaction() throws Exception {
		Hold hold = this.ledger.hold(this.key, true);
		IdempotentOperation<String> operation = IdempotentOperation.of("patient", this.key, String.class)
			.transactional()
			.waitTimeout(LONG);
		CompletableFuture<String> first = async(() -> run(operation, "first"));
		hold.awaitWork();
		Supplier<String> inTransaction = () -> Objects.requireNonNull(this.transaction.execute((status) -> {
			String result = run(operation, "other");
			assertThat(lockTimeout()).isEqualTo(this.lockTimeout);
			return result;
		}));
		List<CompletableFuture<String>> others = new ArrayList<>();
		for (int i = 0; i < 2; i++) {
			others.add(asyncOnceAsked(
					() -> (this.kind == DatabaseKind.MARIADB) ? again(inTransaction) : inTransaction.get()));
		}
		hold.end();
		assertThatExceptionOfType(Exception.class).isThrownBy(first::get);
		for (CompletableFuture<String> other : others) {
			assertThat(other.get()).isEqualTo("other");
		}
		assertThat(this.ledger.bookings(this.key)).isOne();
	}

	@Test
	@DisplayName("V3: a commit that the database refuses reaches the caller, and the key is free")
	void refusedCommitFreesKey() {
		assumeThat(this.kind).as("has deferred constraints").isEqualTo(DatabaseKind.POSTGRESQL);
		JdbcClient jdbc = this.worker.bean(JdbcClient.class);
		jdbc.sql("create table if not exists once (name varchar(100) unique deferrable initially deferred)").update();
		jdbc.sql("insert into once values (?)").param(this.key).update();
		IdempotentOperation<String> operation = IdempotentOperation.of("deferred", this.key, String.class)
			.transactional();
		assertThatExceptionOfType(DataIntegrityViolationException.class)
			.isThrownBy(() -> this.operations.<String, RuntimeException>execute(operation, (context) -> {
				jdbc.sql("insert into once values (?)").param(this.key).update();
				return "done";
			}));
		assertThat(this.operations.<String, RuntimeException>execute(operation, (context) -> "again"))
			.isEqualTo("again");
		assertThat(this.setup.outcomes("deferred", this.key)).containsExactly(RequestOutcome.COMMIT_FAILED,
				RequestOutcome.FIRST);
	}

	@Test
	@DisplayName("V3: a transaction that reads repeatably and began before the first was committed gets its result or an exception of the database")
	void repeatableReadNeverRunsTwice() throws Exception {
		TransactionTemplate repeatable = new TransactionTemplate(
				Objects.requireNonNull(this.transaction.getTransactionManager()));
		repeatable.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
		try {
			repeatable.executeWithoutResult((status) -> {
				this.ledger.bookings(this.key);
				async(() -> this.ledger.pay(this.key, 1)).join();
				assertThat(this.ledger.pay(this.key, 1).amount()).isOne();
			});
		}
		catch (ConcurrencyFailureException | UnexpectedRollbackException ex) {
			assertThat(this.kind).isNotEqualTo(DatabaseKind.MARIADB);
		}
		assertThat(this.ledger.bookings(this.key)).isOne();
	}

	/**
	 * InnoDB may end one of those that wait for a row that is rolled back as a deadlock.
	 */
	private static <T> T again(Supplier<T> task) {
		try {
			return task.get();
		}
		catch (CannotAcquireLockException ex) {
			return task.get();
		}
	}

	private String lockTimeout() {
		return (this.kind != DatabaseKind.POSTGRESQL) ? ""
				: this.worker.bean(JdbcClient.class)
					.sql("select current_setting('lock_timeout')")
					.query(String.class)
					.single();
	}

	private String run(IdempotentOperation<String> operation, String result) {
		return Objects.requireNonNull(this.operations.<String, RuntimeException>execute(operation, (context) -> {
			this.ledger.work(this.key);
			return result;
		}));
	}

	private static CompletableFuture<Void> async(Runnable task) {
		return CompletableFuture.runAsync(task, (run) -> new Thread(run).start());
	}

	private static <T> CompletableFuture<T> async(Supplier<T> task) {
		return CompletableFuture.supplyAsync(task, (run) -> new Thread(run).start());
	}

	/**
	 * Returns when the task has sent its first statement.
	 */
	private <T> CompletableFuture<T> asyncOnceAsked(Supplier<T> task) {
		AtomicReference<Thread> thread = new AtomicReference<>();
		CompletableFuture<T> future = CompletableFuture.supplyAsync(task, (run) -> {
			Thread started = new Thread(run);
			thread.set(started);
			started.start();
		});
		await().until(() -> !this.log.of(Objects.requireNonNull(thread.get())).isEmpty());
		return future;
	}

	private static void all(int threads, Runnable task) throws Exception {
		ExecutorService executor = Executors.newFixedThreadPool(threads);
		try {
			CountDownLatch ready = new CountDownLatch(threads);
			List<Future<?>> futures = new ArrayList<>();
			for (int i = 0; i < threads; i++) {
				futures.add(executor.submit(() -> {
					ready.countDown();
					InboxLedger.await(ready);
					task.run();
				}));
			}
			for (Future<?> future : futures) {
				future.get();
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

}
