package io.idempotency.method;

import java.util.stream.StreamSupport;

import io.idempotency.Idempotent;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.OutcomeCodec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * O1, V1: an application without Spring MVC, or without whatever else is optional, starts
 * and has its methods protected.
 */
@Tag("quick")
class WithoutWebTests {

	private static final ApplicationContextRunner RUNNER = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations
			.of(StreamSupport.stream(ImportCandidates.load(AutoConfiguration.class, null).spliterator(), false)
				.filter((name) -> name.startsWith("io.idempotency."))
				.map((name) -> ClassUtils.resolveClassName(name, null))
				.toArray(Class<?>[]::new)))
		.withBean(Payments.class);

	@Test
	@DisplayName("V1: without Servlet and Spring MVC on the class path")
	void worksWithoutServlet() {
		protectsMethods(new FilteredClassLoader("jakarta.servlet", "org.springframework.web.servlet"));
	}

	@Test
	@DisplayName("V1: without transactions, databases, Redis, Micrometer and the actuator on the class path")
	void worksWithoutOptionalLibraries() {
		protectsMethods(new FilteredClassLoader("jakarta.servlet", "org.springframework.web.servlet",
				"org.springframework.transaction", "org.springframework.jdbc", "org.springframework.data", "io.lettuce",
				"io.micrometer", "org.springframework.boot.actuate", "org.springframework.boot.health",
				"org.springframework.kafka", "org.springframework.amqp", "org.springframework.jms"));
	}

	@Test
	@DisplayName("O1: stores and encryption are there in every application")
	void hasStoreAndEncryption() {
		RUNNER.withPropertyValues("idempotency.encryption.key=MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")
			.run((context) -> assertThat(context).hasSingleBean(IdempotencyStore.class)
				.hasSingleBean(OutcomeCodec.class)
				.hasSingleBean(IdempotencyOperations.class));
	}

	@Test
	@DisplayName("S6: without a key for encryption, each store has its own codec")
	void leavesCodecToStore() {
		RUNNER.run((context) -> assertThat(context).doesNotHaveBean(OutcomeCodec.class));
	}

	private static void protectsMethods(FilteredClassLoader classLoader) {
		RUNNER.withClassLoader(classLoader).run((context) -> {
			assertThat(context).hasNotFailed();
			Payments payments = context.getBean(Payments.class);
			assertThat(payments.pay("a")).isOne();
			assertThat(payments.pay("a")).isOne();
			assertThat(payments.pay("b")).isEqualTo(2);
		});
	}

	public static class Payments {

		private int runs;

		@Idempotent(key = "#key")
		public int pay(String key) {
			return ++this.runs;
		}

	}

}
