package io.idempotency.web;

import io.idempotency.encryption.EncryptionIdempotencyAutoConfiguration;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.IdempotencyStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application that is set up by mistake says at start.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartMessageTests {

	@BeforeEach
	void logInfo() {
		logAt(LogLevel.INFO);
	}

	@AfterEach
	void logAsBefore() {
		logAt(null);
	}

	private static void logAt(@Nullable LogLevel level) {
		LoggingSystem.get(StartMessageTests.class.getClassLoader()).setLogLevel("io.idempotency", level);
	}

	@ParameterizedTest
	@CsvSource({ "idempotency.wait-timout=5s, idempotency.wait-timeout", "idempotency.expiri=1h, idempotency.expiry",
			"idempotency.fingerprint-jsn=true, idempotency.fingerprint-json",
			"idempotency.redis.tiemout=1s, idempotency.redis.timeout",
			"idempotency.waittimout=5s, idempotency.wait-timeout",
			"idempotency.store-on-status[0]=2xx, idempotency.store-on-statuses" })
	@DisplayName("A property that is named nearly as one that exists is a warning that names it")
	void warnsOfMisspeltProperty(String property, String meant, CapturedOutput output) {
		StartFailures.RUNNER.withPropertyValues("idempotency.store=memory", property).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).contains("did you mean '" + meant + "'?");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "idempotency.expiry=1h", "idempotency.methods[0]=POST", "idempotency.audit.topic=keys",
			"IDEMPOTENCY_WAITTIMEOUT=5s" })
	@DisplayName("Properties that exist, and those of the application, are no mistake")
	void doesNotWarnOfOthers(String property, CapturedOutput output) {
		StartFailures.RUNNER.withPropertyValues("idempotency.store=memory", property).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).doesNotContain("did you mean");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "IDEMPOTENCY_LEASE_DURATION=5s", "IDEMPOTENCY_LEASEDURATION=5s", "IDEMPOTENCY_PORT=8080",
			"IDEMPOTENCY_REDIS_KEY_PREFIX=keys:" })
	@DisplayName("Neither are environment variables, however they are written")
	void doesNotWarnOfEnvironmentVariables(String variable, CapturedOutput output) {
		StartFailures.RUNNER.withPropertyValues("idempotency.store=memory")
			.withInitializer((context) -> TestPropertyValues.of(variable)
				.applyTo(context.getEnvironment(), TestPropertyValues.Type.SYSTEM_ENVIRONMENT))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(output).doesNotContain("did you mean");
			});
	}

	@Test
	@DisplayName("The memory store says that it is there for one instance only, where nobody has chosen it")
	void saysThatMemoryIsForOneInstance(CapturedOutput output) {
		WebApplicationContextRunner unset = StartFailures.RUNNER.withClassLoader(new FilteredClassLoader(
				"org.springframework.data.redis", "org.springframework.boot.data.redis", "io.lettuce"));
		unset.run((context) -> assertThat(output).contains("INFO")
			.contains("kept in memory, for this instance only")
			.doesNotContain("WARN"));
		unset.withPropertyValues("spring.main.cloud-platform=kubernetes")
			.run((context) -> assertThat(output).contains("WARN").contains("this one runs on KUBERNETES"));
	}

	@Test
	@DisplayName("The memory store says nothing where it was chosen")
	void saysNothingOfChosenMemory(CapturedOutput output) {
		StartFailures.RUNNER.withPropertyValues("idempotency.store=memory", "spring.main.cloud-platform=kubernetes")
			.run((context) -> assertThat(output).doesNotContain("for this instance only"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "memory", "redis" })
	@DisplayName("M6: jdbc.transactional without the JDBC store fails the start")
	void failsOnTransactionalWithoutDatabase(String store) {
		FailureAnalysis analysis = StartFailures.analyze(StartFailures.RUNNER
			.withPropertyValues("idempotency.store=" + store, "idempotency.jdbc.transactional=true"));
		assertThat(analysis.getDescription()).contains("idempotency.jdbc.transactional=true",
				"not kept in the application's database");
		assertThat(analysis.getAction()).contains("idempotency.store=jdbc");
	}

	@Test
	@DisplayName("Several stores without a primary one fail the start, and the analysis names them")
	void failsOnTwoStores() {
		FailureAnalysis analysis = StartFailures.analyze(StartFailures.RUNNER.withUserConfiguration(TwoStores.class));
		assertThat(analysis.getDescription()).contains("several stores", "orders", "payments");
		assertThat(analysis.getAction()).contains("@Primary", "@Idempotent(store = ...)");
	}

	@ParameterizedTest
	@CsvSource({ "key, too short", "key, c2hvcnQ=", "previous-keys, c2hvcnQ=" })
	@DisplayName("A bad encryption key fails the start, and the analysis does not show it")
	void failsOnBadEncryptionKey(String property, String value) {
		FailureAnalysis analysis = StartFailures.analyze(StartFailures.RUNNER
			.withConfiguration(AutoConfigurations.of(EncryptionIdempotencyAutoConfiguration.class))
			.withPropertyValues("idempotency.store=memory", "idempotency.encryption." + property + "=" + value));
		assertThat(analysis.getDescription()).contains("idempotency.encryption." + property, "Base64")
			.doesNotContain(value);
	}

	@Configuration(proxyBeanMethods = false)
	static class TwoStores {

		@Bean
		IdempotencyStore orders() {
			return new MemoryIdempotencyStore(10);
		}

		@Bean
		IdempotencyStore payments() {
			return new MemoryIdempotencyStore(10);
		}

	}

}
