package io.idempotency.rabbit;

import java.util.List;
import java.util.Objects;

import io.idempotency.Idempotent;
import io.idempotency.memory.MemoryIdempotencyAutoConfiguration;
import io.idempotency.method.MethodIdempotencyAutoConfiguration;
import io.idempotency.policy.EngineIdempotencyAutoConfiguration;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.step.StepIdempotencyAutoConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import org.springframework.amqp.core.AcknowledgeMode;
import org.springframework.amqp.rabbit.annotation.RabbitHandler;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.config.SimpleRabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * M10: a listener that cannot be protected ends in a sentence when the application
 * starts.
 */
@Tag("quick")
class RabbitListenerMistakeTests {

	private static final ApplicationContextRunner RUNNER = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(MemoryIdempotencyAutoConfiguration.class,
				EngineIdempotencyAutoConfiguration.class, StepIdempotencyAutoConfiguration.class,
				MethodIdempotencyAutoConfiguration.class, RabbitIdempotencyAutoConfiguration.class,
				RabbitAutoConfiguration.class))
		.withPropertyValues("spring.rabbitmq.listener.simple.auto-startup=false");

	static final List<Mistake> mistakes = List.of(
			new Mistake(Single.class, "acknowledged before", "spring.rabbitmq.listener.simple.acknowledge-mode=none"),
			new Mistake(Batch.class, "in batches"),
			new Mistake(NoBatch.class, "in batches", "spring.rabbitmq.listener.simple.consumer-batch-enabled=true"),
			new Mistake(Handlers.class, "@RabbitHandler"),
			new Mistake(Single.class, "between 1 ms", "idempotency.rabbit.retry-delay=0"));

	@ParameterizedTest
	@FieldSource("mistakes")
	void failsAtStart(Mistake mistake) {
		RUNNER.withBean(mistake.type())
			.withPropertyValues(mistake.properties().toArray(String[]::new))
			.run((context) -> {
				assertThat(context).hasFailed();
				assertThat(
						NestedExceptionUtils.getMostSpecificCause(Objects.requireNonNull(context.getStartupFailure())))
					.hasMessageContaining(mistake.message());
			});
	}

	@Test
	void failsAtStartWithTransactedChannels() {
		RUNNER.withBean(Transacted.class).withBean("transacted", SimpleRabbitListenerContainerFactory.class, () -> {
			var factory = new SimpleRabbitListenerContainerFactory();
			factory.setAutoStartup(false);
			factory.setChannelTransacted(true);
			factory.setConnectionFactory(new CachingConnectionFactory("localhost"));
			return factory;
		})
			.run((context) -> assertThat(context.getStartupFailure())
				.isInstanceOf(InvalidIdempotencyConfigurationException.class)
				.hasMessageContaining("transacted channels"));
	}

	@Test
	void leavesOtherListenersAlone() {
		RUNNER.withBean(Unprotected.class)
			.run((context) -> assertThat(
					context.getBean(RabbitListenerEndpointRegistry.class).getListenerContainer("unprotected"))
				.isInstanceOfSatisfying(AbstractMessageListenerContainer.class,
						(container) -> assertThat(container.getAcknowledgeMode()).isEqualTo(AcknowledgeMode.AUTO)));
	}

	@Test
	void startsWithoutLibrary() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(MemoryIdempotencyAutoConfiguration.class,
					EngineIdempotencyAutoConfiguration.class, StepIdempotencyAutoConfiguration.class,
					MethodIdempotencyAutoConfiguration.class, RabbitIdempotencyAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader("org.springframework.amqp", "com.rabbitmq"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("idempotencyRabbitListeners"));
	}

	record Mistake(Class<?> type, String message, List<String> properties) {

		Mistake(Class<?> type, String message, String... properties) {
			this(type, message, List.of(properties));
		}

	}

	static class Single {

		@Idempotent
		@RabbitListener(queues = "q")
		void single(String payload) {
		}

	}

	static class Batch {

		@Idempotent
		@RabbitListener(queues = "q", batch = "true")
		void batch(List<String> payloads) {
		}

	}

	static class NoBatch {

		@Idempotent
		@RabbitListener(queues = "q", batch = "false")
		void single(String payload) {
		}

	}

	static class Transacted {

		@Idempotent
		@RabbitListener(queues = "q", containerFactory = "transacted")
		void single(String payload) {
		}

	}

	@RabbitListener(queues = "q")
	static class Handlers {

		@Idempotent(key = "#payload")
		@RabbitHandler
		void text(String payload) {
		}

	}

	static class Unprotected {

		@RabbitListener(id = "unprotected", queues = "q")
		void single(String payload) {
		}

	}

}
