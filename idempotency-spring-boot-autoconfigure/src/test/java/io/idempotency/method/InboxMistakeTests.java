package io.idempotency.method;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import javax.sql.DataSource;

import io.idempotency.Idempotent;
import io.idempotency.jdbc.JdbcIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.step.StepIdempotencyAutoConfiguration;
import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseKind;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * M10: what cannot be in one transaction with its record does not start.
 */
class InboxMistakeTests {

	private final DataSource dataSource = dataSource();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(
				AutoConfigurations.of(JdbcIdempotencyAutoConfiguration.class, EngineIdempotencyAutoConfiguration.class,
						StepIdempotencyAutoConfiguration.class, MethodIdempotencyAutoConfiguration.class))
		.withBean(DataSource.class, () -> this.dataSource)
		.withPropertyValues("idempotency.store=jdbc");

	private final ApplicationContextRunner withManager = this.runner.withBean(PlatformTransactionManager.class,
			() -> new JdbcTransactionManager(this.dataSource));

	private static DataSource dataSource() {
		Database database = DatabaseKind.H2.newDatabase();
		return new DriverManagerDataSource(database.url(), database.username(), database.password());
	}

	@ParameterizedTest
	@ValueSource(classes = { Later.class, Apart.class, NotSupported.class })
	@DisplayName("M10: work that is later, or in another transaction")
	void refusesWorkElsewhere(Class<?> type) {
		this.withManager.withBean(type).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(cause(context.getStartupFailure())).isInstanceOf(InvalidIdempotencyConfigurationException.class)
				.hasMessageContaining(type.getSimpleName());
		});
	}

	@Test
	@DisplayName("M10: a transaction manager of another database")
	void refusesOtherDatabase() {
		this.runner.withBean(PlatformTransactionManager.class, () -> new JdbcTransactionManager(dataSource()))
			.withBean(Fine.class)
			.run((context) -> assertThat(cause(context.getStartupFailure()))
				.isInstanceOf(InvalidIdempotencyConfigurationException.class)
				.hasMessageContaining("does not manage transactions"));
	}

	@Test
	@DisplayName("V3: where everything is to be transactional, so are calls of the template, and methods with a transaction of their own are refused")
	void transactionalByDefault() {
		ApplicationContextRunner byDefault = this.withManager.withPropertyValues("idempotency.jdbc.transactional=true");
		byDefault.withBean(Fine.class).run((context) -> {
			IdempotencyOperations operations = context.getBean(IdempotencyOperations.class);
			operations.executeWithoutResult("default", "key", (inner) -> {
				assertThat(inner.isLeaseHeld()).as("in a transaction").isTrue();
				assertThat(inner.fencingToken()).as("without a lease").isZero();
			});
			assertThatExceptionOfType(IllegalArgumentException.class)
				.isThrownBy(() -> operations.<Void, RuntimeException>executeAsync(
						IdempotentOperation.of("default", "other"), (inner) -> CompletableFuture.completedFuture(null)))
				.withMessageContaining("idempotency.jdbc.transactional");
		});
		byDefault.withBean(ApartByDefault.class).run((context) -> assertThat(context).hasFailed());
		this.withManager.withBean(ApartByDefault.class).run((context) -> assertThat(context).hasNotFailed());
	}

	private static Throwable cause(@Nullable Throwable failure) {
		return NestedExceptionUtils.getMostSpecificCause(Objects.requireNonNull(failure));
	}

	static class Fine {

		@Idempotent(key = "#key", transactional = true)
		public void run(String key) {
		}

	}

	static class Later {

		@Idempotent(key = "#key", transactional = true)
		public CompletableFuture<Void> run(String key) {
			return CompletableFuture.completedFuture(null);
		}

	}

	static class Apart {

		@Idempotent(key = "#key", transactional = true)
		@Transactional(propagation = Propagation.REQUIRES_NEW)
		public void run(String key) {
		}

	}

	static class NotSupported {

		@Idempotent(key = "#key", transactional = true)
		@Transactional(propagation = Propagation.NOT_SUPPORTED)
		public void run(String key) {
		}

	}

	static class ApartByDefault {

		@Idempotent(key = "#key")
		@Transactional(propagation = Propagation.REQUIRES_NEW)
		public void run(String key) {
		}

	}

}
