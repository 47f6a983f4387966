package io.idempotency.method;

import java.security.Principal;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import io.idempotency.memory.MemoryIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.step.StepIdempotencyAutoConfiguration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import reactor.core.publisher.Mono;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.PriorityOrdered;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * M10: a mistake in the annotation of a method ends in a sentence when the application
 * starts.
 */
@Tag("quick")
@ExtendWith(OutputCaptureExtension.class)
class MethodMistakeTests {

	private static final ApplicationContextRunner RUNNER = new ApplicationContextRunner().withConfiguration(
			AutoConfigurations.of(MemoryIdempotencyAutoConfiguration.class, EngineIdempotencyAutoConfiguration.class,
					StepIdempotencyAutoConfiguration.class, MethodIdempotencyAutoConfiguration.class));

	static final List<Mistake> mistakes = List.of(new Mistake(NoKey.class, "names no key"),
			new Mistake(NoKeyOnClass.class, "names no key"), new Mistake(PrivateMethod.class, "is private"),
			new Mistake(FinalMethod.class, "is final"), new Mistake(StaticMethod.class, "is static"),
			new Mistake(FinalClass.class, "is final"), new Mistake(NoExpression.class, "is not a valid expression"),
			new Mistake(UnknownParameter.class, "#ordr"), new Mistake(UnknownFingerprint.class, "#other"),
			new Mistake(ObjectResult.class, "type Object"), new Mistake(AbstractResult.class, "abstract"),
			new Mistake(FutureResult.class, "Future"), new Mistake(ReactiveResult.class, "Mono"),
			new Mistake(Manual.class, "manual"), new Mistake(BadWait.class, "waitTimeout"),
			new Mistake(BadExpiry.class, "expiry"), new Mistake(UnknownStore.class, "nowhere"),
			new Mistake(Transactional.class, "no transactions"), new Mistake(Both.class, "@IdempotencyExempt"),
			new Mistake(BadException.class, "cannot be read back"));

	@ParameterizedTest
	@FieldSource("mistakes")
	@DisplayName("M10, V1: the application does not start, and the message names the method")
	void failsAtStart(Mistake mistake) {
		RUNNER.withBean(mistake.type()).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(NestedExceptionUtils.getMostSpecificCause(Objects.requireNonNull(context.getStartupFailure())))
				.isInstanceOf(InvalidIdempotencyConfigurationException.class)
				.hasMessageContaining(mistake.type().getSimpleName())
				.hasMessageContaining(mistake.message());
		});
	}

	@Test
	@DisplayName("M10: a bean that was made too early is no silence")
	void findsBeanThatWasMadeTooEarly() {
		RUNNER.withUserConfiguration(TooEarly.class).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(context.getStartupFailure()).hasMessageContaining("early")
				.hasMessageContaining("was created before");
		});
	}

	@Test
	@DisplayName("V1: a call within the class is told of at start, unless it may be one of the bean")
	void warnsOfSelfInvocation(CapturedOutput output) {
		RUNNER.withBean(CallsItself.class).withBean(CallsBean.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(output).contains("CallsItself#run is @Idempotent, but its own class calls it in [all, later]")
				.doesNotContain("CallsBean#run");
		});
	}

	@Test
	@DisplayName("Methods are protected where nothing else makes proxies")
	void makesProxies() {
		RUNNER.withBean(Fine.class).run((context) -> {
			Fine fine = context.getBean(Fine.class);
			assertThat(fine.run("a")).isEqualTo(fine.run("a"));
		});
	}

	@Test
	@DisplayName("Without the starter enabled, nothing is protected, and nothing fails")
	void doesNothingWhenDisabled() {
		RUNNER.withBean(NoKey.class)
			.withPropertyValues("idempotency.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(IdempotencyOperations.class));
	}

	record Mistake(Class<?> type, String message) {
	}

	static class Fine {

		private int runs;

		@Idempotent(key = "#key")
		public int run(String key) {
			return ++this.runs;
		}

	}

	static class CallsItself {

		@Idempotent(key = "#key")
		public void run(String key) {
		}

		void all(List<String> keys) {
			keys.forEach((key) -> run(key));
		}

		Runnable later(String key) {
			return () -> this.run(key);
		}

	}

	static class CallsBean {

		private @Nullable ObjectProvider<CallsBean> self;

		@Idempotent(key = "#key")
		public void run(String key) {
		}

		void all(List<String> keys) {
			keys.forEach((key) -> Objects.requireNonNull(this.self).getObject().run(key));
		}

	}

	static class NoKey {

		@Idempotent
		public void run() {
		}

	}

	@Idempotent
	static class NoKeyOnClass {

		public void run() {
		}

	}

	static class PrivateMethod {

		@Idempotent(key = "#key")
		@SuppressWarnings("unused")
		private void run(String key) {
		}

	}

	static class FinalMethod {

		@Idempotent(key = "#key")
		public final void run(String key) {
		}

	}

	static final class FinalClass {

		@Idempotent(key = "#key")
		public void run(String key) {
		}

	}

	static class StaticMethod {

		@Idempotent(key = "#key")
		public static void run(String key) {
		}

	}

	static class NoExpression {

		@Idempotent(key = "#key +")
		public void run(String key) {
		}

	}

	static class UnknownParameter {

		@Idempotent(key = "#ordr.id")
		public void run(String order) {
		}

	}

	static class UnknownFingerprint {

		@Idempotent(key = "#order", fingerprint = "{#order, #other}")
		public void run(String order) {
		}

	}

	static class ObjectResult {

		@Idempotent(key = "#key")
		public Object run(String key) {
			return key;
		}

	}

	static class AbstractResult {

		@Idempotent(key = "#key")
		public Principal run(String key) {
			return () -> key;
		}

	}

	static class FutureResult {

		@Idempotent(key = "#key")
		public @Nullable Future<String> run(String key) {
			return null;
		}

	}

	static class ReactiveResult {

		@Idempotent(key = "#key")
		public Mono<String> run(String key) {
			return Mono.just(key);
		}

	}

	static class Manual {

		@Idempotent(key = "#key", manual = true)
		public void run(String key, IdempotencyContext context) {
		}

	}

	static class BadWait {

		@Idempotent(key = "#key", waitTimeout = "long")
		public void run(String key) {
		}

	}

	static class BadExpiry {

		@Idempotent(key = "#key", expiry = "soon")
		public void run(String key) {
		}

	}

	static class UnknownStore {

		@Idempotent(key = "#key", store = "nowhere")
		public void run(String key) {
		}

	}

	static class Transactional {

		@Idempotent(key = "#key", transactional = true)
		public void run(String key) {
		}

	}

	static class Both {

		@Idempotent(key = "#key")
		@IdempotencyExempt
		public void run(String key) {
		}

	}

	static class BadException {

		@Idempotent(key = "#key", storedExceptions = Unreadable.class)
		public void run(String key) {
		}

	}

	static class Unreadable extends RuntimeException {

		Unreadable(String one, String other) {
			super(one + other);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TooEarly {

		@Bean
		static EarlyProcessor processor(Fine early) {
			return new EarlyProcessor();
		}

		@Bean
		static Fine early() {
			return new Fine();
		}

		/**
		 * Comes before what makes proxies.
		 */
		static final class EarlyProcessor implements BeanPostProcessor, PriorityOrdered {

			@Override
			public int getOrder() {
				return HIGHEST_PRECEDENCE;
			}

		}

	}

}
