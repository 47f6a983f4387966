package io.idempotency.step;

import java.util.ArrayList;
import java.util.List;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyContextHolder;
import io.idempotency.Idempotent;
import io.idempotency.StepMismatchException;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.method.IdempotencyOperations;
import io.idempotency.method.IdempotentOperation;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.idempotency.testing.Worker;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Q: steps of methods and of work that is given to the template.
 */
@Tag("quick")
class MethodStepTests {

	private static final Runs RUNS = new Runs();

	private static Worker worker;

	private static IdempotencyOperations operations;

	private final String key = TestApp.newKey();

	@BeforeAll
	static void start() {
		worker = Worker.start(List.of(Orders.class), StoreKind.MEMORY);
		operations = worker.bean(IdempotencyOperations.class);
	}

	@AfterAll
	static void stop() {
		assertThat(worker.bean(IdempotencyEngine.class).leasesHeld()).as("leases left").isZero();
		worker.close();
	}

	@Test
	@DisplayName("Q1: a method resumes behind its last step")
	void methodResumes() {
		Orders orders = worker.bean(Orders.class);
		assertThatIllegalStateException().isThrownBy(() -> orders.place(this.key, null)).withMessage("not yet");
		assertThat(orders.place(this.key, null)).isEqualTo("charged and shipped");
		assertThat(orders.place(this.key, null)).isEqualTo("charged and shipped");
		assertThat(RUNS.count("charge " + this.key)).isOne();
		assertThat(RUNS.count("ship " + this.key)).isEqualTo(2);
	}

	@Test
	@DisplayName("Q1: keys of calls that are made within a step do not depend on the steps before it")
	void namesCallsWithinStep() {
		String[] keys = new String[3];
		IdempotentOperation<Void> operation = IdempotentOperation.of("calls", this.key);
		for (int attempt = 0; attempt < 2; attempt++) {
			int index = attempt;
			assertThatIllegalStateException()
				.isThrownBy(() -> operations.<Void, RuntimeException>execute(operation, (context) -> {
					keys[2] = context.derivedKey("call");
					context.step("first", (step) -> RUNS.next("first"));
					context.step("second", (step) -> {
						keys[index] = current().derivedKey("call");
						throw new IllegalStateException("cut off");
					});
					return null;
				}));
		}
		assertThat(keys[0]).isEqualTo(keys[1]).isNotEqualTo(keys[2]);
	}

	@Test
	@DisplayName("Q1: a step that is tried again in one attempt makes the same calls")
	void triesStepAgainWithSameContext() {
		List<String> keys = new ArrayList<>();
		List<IdempotencyContext> contexts = new ArrayList<>();
		operations.<Void, RuntimeException>execute(IdempotentOperation.of("retried", this.key), (context) -> {
			for (int i = 0; i < 2; i++) {
				try {
					context.step("capture", (step) -> {
						keys.add(step.key());
						contexts.add(current());
						throw new IllegalStateException("timeout");
					});
				}
				catch (IllegalStateException ex) {
					assertThat(ex).hasMessage("timeout");
				}
			}
			return null;
		});
		assertThat(keys.get(0)).isEqualTo(keys.get(1));
		assertThat(contexts.get(0)).as("whoever counts the calls of a run begins anew").isNotEqualTo(contexts.get(1));
	}

	@Test
	@DisplayName("Q3: what was made of a step's exception is not stored, and the next call resumes")
	void doesNotStoreFailureOfStep() {
		IdempotentOperation<String> operation = IdempotentOperation.of("wrapped", this.key, String.class)
			.storingExceptions(IllegalStateException.class);
		assertThatIllegalArgumentException().isThrownBy(() -> operations.execute(operation, (context) -> {
			context.step("reserve", (step) -> RUNS.next("reserve " + this.key));
			throw new IllegalArgumentException("cut off");
		}));
		assertThatIllegalStateException().isThrownBy(() -> operations.execute(operation, (context) -> {
			try {
				context.step("book", (step) -> RUNS.next("book " + this.key));
				return "";
			}
			catch (StepMismatchException ex) {
				throw new IllegalStateException("wrapped", ex);
			}
		})).withMessage("wrapped");
		assertThat(operations.<String, RuntimeException>execute(operation, (context) -> {
			context.step("reserve", (step) -> RUNS.next("reserve " + this.key));
			return "done";
		})).isEqualTo("done");
		assertThat(RUNS.count("reserve " + this.key)).isOne();
		assertThat(RUNS.count("book " + this.key)).isZero();
	}

	@Test
	@DisplayName("Q3: steps of another version are not used, and those of the same must fit")
	void takesStepsOfNewVersionAgain() {
		assertThatIllegalStateException().isThrownBy(() -> attempt("1", "reserve", "cut off"));
		assertThatExceptionOfType(StepMismatchException.class).isThrownBy(() -> attempt("1", "book", "done"))
			.withMessageContaining(
					"An earlier attempt has taken the step 'reserve' where this one wants to take 'book'")
			.withMessageContaining("give @Idempotent a new version");
		assertThatIllegalStateException().isThrownBy(() -> attempt("2", "book", "cut off"));
		assertThat(attempt("2", "book", "done")).isEqualTo("book");
		assertThat(RUNS.count("book " + this.key)).isOne();
		assertThat(RUNS.count("reserve " + this.key)).isOne();
	}

	private @Nullable String attempt(String version, String step, String end) {
		return operations.<String, RuntimeException>execute(
				IdempotentOperation.of("versions", this.key, String.class).version(version), (context) -> {
					String result = context.step(step, String.class, (taken) -> {
						RUNS.next(step + " " + this.key);
						return step;
					});
					if (end.equals("cut off")) {
						throw new IllegalStateException(end);
					}
					return result;
				});
	}

	@Test
	@DisplayName("Q4: transactional steps need a store that has transactions")
	void refusesTransactionsWhereThereAreNone() {
		assertThatExceptionOfType(InvalidIdempotencyConfigurationException.class)
			.isThrownBy(() -> operations.<Void, RuntimeException>execute(
					IdempotentOperation.of("transactional", this.key).transactionalSteps(), (context) -> null))
			.withMessageContaining("is to commit each of its steps together with its result")
			.withMessageContaining("has no transactions");
	}

	private static IdempotencyContext current() {
		IdempotencyContext context = IdempotencyContextHolder.getContext();
		if (context == null) {
			throw new IllegalStateException("There is no context");
		}
		return context;
	}

	static class Orders {

		@Idempotent(key = "#key", operation = "orders")
		public String place(String key, @Nullable IdempotencyContext context) {
			String charge = current().step("charge", String.class, (step) -> {
				RUNS.next("charge " + key);
				return "charged";
			});
			current().step("ship", (step) -> {
				if (RUNS.next("ship " + key) == 1) {
					throw new IllegalStateException("not yet");
				}
			});
			return charge + " and shipped";
		}

	}

}
