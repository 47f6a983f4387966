package io.idempotency.step;

import java.net.http.HttpResponse;
import java.sql.Connection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.StepMode;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.method.IdempotencyOperations;
import io.idempotency.method.IdempotencyResultException;
import io.idempotency.method.IdempotentOperation;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.UnexpectedRollbackException;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

/**
 * Q4: the work of a step and its result are one transaction. The pool has one connection,
 * so that whoever waits for another one while it holds that never ends.
 */
@ParameterizedClass
@EnumSource
class TransactionalStepIntegrationTests {

	private static final Map<DatabaseKind, TestApp> APPS = new EnumMap<>(DatabaseKind.class);

	private static final Scripts SCRIPTS = new Scripts();

	private final TestApp app;

	private final JdbcClient jdbc;

	private final TransactionTemplate transaction;

	private final String key = TestApp.newKey();

	private final Runs runs = new Runs();

	TransactionalStepIntegrationTests(DatabaseKind kind) {
		this.app = APPS.computeIfAbsent(kind, TransactionalStepIntegrationTests::start);
		this.jdbc = this.app.bean(JdbcClient.class);
		this.transaction = new TransactionTemplate(this.app.bean(PlatformTransactionManager.class));
	}

	private static TestApp start(DatabaseKind kind) {
		TestApp app = TestApp.start(List.of(Orders.class),
				Stream
					.concat(Stream.of(kind.newDatabase().properties()),
							Stream.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always",
									"idempotency.max-result-size=1KB", "spring.datasource.hikari.maximum-pool-size=1",
									"spring.datasource.hikari.connection-timeout=10000",
									"logging.level.io.idempotency=off", "logging.level.org.apache.catalina=off"))
					.toArray(String[]::new));
		app.bean(JdbcClient.class).sql("create table entry (name varchar(100) not null)").update();
		return app;
	}

	@BeforeEach
	void empty() {
		this.jdbc.sql("delete from entry").update();
	}

	@AfterEach
	void nothingIsLeft() {
		await().until(() -> this.app.bean(IdempotencyEngine.class).leasesHeld() == 0);
		assertThat(this.app.bean(HikariDataSource.class).getHikariPoolMXBean().getActiveConnections()).isZero();
	}

	@AfterAll
	static void stop() {
		APPS.values().forEach(TestApp::close);
		APPS.clear();
	}

	@Test
	@DisplayName("Q4: what a step has written stays when a later one fails, and is not written again")
	void commitsStepsOneByOne() {
		script((context) -> {
			String first = context.step("reserve", String.class, (step) -> insert("reserved"));
			context.step("book", (step) -> {
				insert("booked");
				failFirst("book");
			});
			return first;
		});
		assertThat(post().statusCode()).isEqualTo(500);
		assertThat(entries()).containsExactly("reserved");
		assertThat(TestApp.text(post())).isEqualTo("reserved");
		assertThat(entries()).containsExactlyInAnyOrder("reserved", "booked");
	}

	@Test
	@DisplayName("Q4: a result that cannot be kept takes the work back")
	void rollsBackWhatCannotBeKept() {
		int[] length = { 2000 };
		script((context) -> context.step("reserve", String.class, (step) -> {
			insert("reserved");
			return "x".repeat(length[0]);
		}));
		assertThat(post().statusCode()).isEqualTo(500);
		assertThat(entries()).isEmpty();
		length[0] = 1;
		assertThat(TestApp.text(post())).isEqualTo("x");
		assertThat(entries()).containsExactly("reserved");
	}

	@Test
	@DisplayName("Q4: a step whose work asks for a rollback is not taken")
	void doesNotTakeStepThatIsRolledBack() {
		script((context) -> {
			assertThatExceptionOfType(UnexpectedRollbackException.class)
				.isThrownBy(() -> context.step("reserve", (step) -> this.transaction.executeWithoutResult((status) -> {
					insert("reserved");
					status.setRollbackOnly();
				})));
			return context.step("reserve", String.class, (step) -> insert("reserved again"));
		});
		assertThat(TestApp.text(post())).isEqualTo("reserved again");
		assertThat(entries()).containsExactly("reserved again");
	}

	@Test
	@DisplayName("Q4: an owner whose record is gone commits nothing")
	void commitsNothingWithoutRecord() {
		script((context) -> {
			IdempotencyStore store = this.app.bean(IdempotencyStore.class);
			context.step("reserve", (step) -> {
				insert("reserved");
				CompletableFuture.runAsync(() -> forget(context)).join();
			});
			return store;
		});
		HttpResponse<byte[]> answer = post();
		assertThat(answer.statusCode()).isEqualTo(409);
		assertThat(TestApp.text(answer)).contains(":in-progress");
		assertThat(entries()).isEmpty();
	}

	/**
	 * The pool's only connection is the step's, so the record is removed by another way.
	 */
	private void forget(IdempotencyContext context) {
		HikariDataSource pool = this.app.bean(HikariDataSource.class);
		try (HikariDataSource other = new HikariDataSource()) {
			other.setJdbcUrl(pool.getJdbcUrl());
			other.setUsername(pool.getUsername());
			other.setPassword(pool.getPassword());
			JdbcClient.create(other)
				.sql("delete from idempotency_record where record_key = ?")
				.param(Objects.requireNonNull(context.recordKey()).hex())
				.update();
		}
	}

	@Test
	@DisplayName("Q4: between steps no connection is held")
	void holdsNoConnectionBetweenSteps() {
		script((context) -> {
			context.step("reserve", (step) -> insert("reserved"));
			try (Connection only = this.app.bean(HikariDataSource.class).getConnection()) {
				assertThat(only.isClosed()).isFalse();
			}
			context.step("book", (step) -> insert("booked"));
			return "done";
		});
		assertThat(TestApp.text(post())).isEqualTo("done");
	}

	@Test
	@DisplayName("Q1: a step that calls another service holds no connection among steps that do")
	void separateStepHoldsNoConnection() {
		script((context) -> {
			context.step("reserve", (step) -> insert("reserved"));
			String charge = context.step("capture", String.class, StepMode.SEPARATE, (step) -> {
				this.runs.next("capture");
				try (Connection only = this.app.bean(HikariDataSource.class).getConnection()) {
					return "charged " + !only.isClosed();
				}
			});
			context.step("book", (step) -> {
				insert("booked");
				failFirst("book");
			});
			return charge;
		});
		assertThat(post().statusCode()).isEqualTo(500);
		assertThat(TestApp.text(post())).isEqualTo("charged true");
		assertThat(this.runs.count("capture")).isOne();
		assertThat(entries()).containsExactlyInAnyOrder("reserved", "booked");
	}

	@Test
	@DisplayName("Q4: many handlers share one connection")
	void sharesOneConnection() {
		List<String> keys = IntStream.range(0, 16).mapToObj((i) -> TestApp.newKey()).toList();
		keys.forEach((each) -> SCRIPTS.set(each, (context) -> {
			for (int i = 0; i < 5; i++) {
				context.step("step " + i, (step) -> insert(each));
			}
			return "done";
		}));
		List<CompletableFuture<HttpResponse<byte[]>>> answers = keys.stream()
			.map((each) -> CompletableFuture.supplyAsync(() -> this.app.post("/orders", each, "{}")))
			.toList();
		assertThat(answers).allSatisfy((answer) -> assertThat(answer.join().statusCode()).isEqualTo(200));
		assertThat(entries()).hasSize(80);
	}

	@Test
	@DisplayName("Q4: a step cannot have a transaction of its own within that of its caller")
	void refusesStepWithinTransaction() {
		script((context) -> this.transaction.execute((status) -> {
			assertThatIllegalStateException().isThrownBy(() -> context.step("reserve", (step) -> insert("reserved")))
				.withMessageContaining("take it outside of @Transactional");
			return "done";
		}));
		assertThat(TestApp.text(post())).isEqualTo("done");
		assertThat(entries()).isEmpty();
	}

	@Test
	@DisplayName("Q1: in a transactional handler, a step outlives the rollback of the rest")
	void stepOutlivesRollbackOfHandler() {
		script((context) -> {
			insert("booked");
			String charge = context.step("capture", String.class, (step) -> {
				this.runs.next("capture");
				return step.key();
			});
			failFirst("end");
			return charge;
		});
		assertThat(this.app.post("/together", this.key, "{}").statusCode()).isEqualTo(500);
		assertThat(entries()).isEmpty();
		assertThat(this.app.post("/together", this.key, "{}").statusCode()).isEqualTo(200);
		assertThat(entries()).containsExactly("booked");
		assertThat(this.runs.count("capture")).isOne();
	}

	@Test
	@DisplayName("Q1: a call whose record is in one transaction with its work takes no steps")
	void refusesStepsWithoutLease() {
		IdempotencyOperations operations = this.app.bean(IdempotencyOperations.class);
		IdempotentOperation<String> operation = IdempotentOperation.of("inbox", this.key, String.class);
		assertThatIllegalStateException()
			.isThrownBy(() -> operations.execute(operation.transactional(),
					(context) -> context.step("capture", String.class, (step) -> insert("captured"))))
			.withMessageContaining("in the same transaction as its work");
		assertThat(entries()).isEmpty();
	}

	@Test
	@DisplayName("Q2: a call in a transaction does not go on with the steps of one with a lease")
	void refusesToResumeWithoutLease() {
		IdempotencyOperations operations = this.app.bean(IdempotencyOperations.class);
		IdempotentOperation<String> operation = IdempotentOperation.of("mixed", this.key, String.class);
		assertThatIllegalStateException().isThrownBy(() -> operations.execute(operation, (context) -> {
			context.step("capture", (step) -> insert("captured"));
			throw new IllegalStateException("cut off");
		})).withMessage("cut off");
		assertThatExceptionOfType(IdempotencyResultException.class)
			.isThrownBy(() -> operations.execute(operation.transactional(), (context) -> insert("again")))
			.withMessageContaining("an earlier call has left steps");
		assertThat(operations.<String, RuntimeException>execute(operation.transactionalSteps(), (context) -> {
			context.step("capture", (step) -> insert("captured again"));
			return context.step("book", String.class, (step) -> insert("booked"));
		})).isEqualTo("booked");
		assertThat(entries()).containsExactlyInAnyOrder("captured", "booked");
	}

	private void script(Scripts.Script script) {
		SCRIPTS.set(this.key, script);
	}

	private HttpResponse<byte[]> post() {
		return this.app.post("/orders", this.key, "{}");
	}

	private String insert(String name) {
		this.jdbc.sql("insert into entry values (?)").param(name).update();
		return name;
	}

	private List<String> entries() {
		return this.jdbc.sql("select name from entry").query(String.class).list();
	}

	private void failFirst(String name) {
		if (this.runs.next(name) == 1) {
			throw new IllegalStateException("not yet");
		}
	}

	@RestController
	static class Orders {

		@PostMapping("/orders")
		@Idempotent(steps = StepMode.TRANSACTIONAL)
		String order(IdempotencyContext context, @RequestHeader("Idempotency-Key") String key) throws Exception {
			return SCRIPTS.play(key, context);
		}

		@PostMapping("/together")
		@Idempotent(transactional = true)
		String together(IdempotencyContext context, @RequestHeader("Idempotency-Key") String key) throws Exception {
			return SCRIPTS.play(key, context);
		}

	}

}
