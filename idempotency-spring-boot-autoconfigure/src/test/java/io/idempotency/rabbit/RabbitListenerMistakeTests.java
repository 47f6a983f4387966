package io.idempotency.rabbit;

import java.util.Collection;
import java.util.List;

import io.idempotency.Idempotent;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.testing.ListenerMistake;
import io.idempotency.testing.MethodRunner;
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
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * M10: a listener that cannot be protected ends in a sentence when the application
 * starts.
 */
@Tag("quick")
class RabbitListenerMistakeTests {

	private static final ApplicationContextRunner RUNNER = MethodRunner
		.with(RabbitIdempotencyAutoConfiguration.class, RabbitAutoConfiguration.class)
		.withPropertyValues("spring.rabbitmq.listener.simple.auto-startup=false");

	static final List<ListenerMistake> mistakes = List.of(
			new ListenerMistake(Single.class, "acknowledged before",
					"spring.rabbitmq.listener.simple.acknowledge-mode=none"),
			new ListenerMistake(Batch.class, "in batches"),
			new ListenerMistake(NoBatch.class, "in batches",
					"spring.rabbitmq.listener.simple.consumer-batch-enabled=true"),
			new ListenerMistake(Handlers.class, "@RabbitHandler"),
			new ListenerMistake(Single.class, "between 1 ms", "idempotency.rabbit.retry-delay=0"));

	@ParameterizedTest
	@FieldSource("mistakes")
	void failsAtStart(ListenerMistake mistake) {
		mistake.assertFailsAtStart(RUNNER);
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
					(Collection<?>) context.getBean(RabbitListenerEndpointRegistry.class).getListenerContainers())
				.singleElement()
				.isInstanceOfSatisfying(AbstractMessageListenerContainer.class,
						(container) -> assertThat(container.getAcknowledgeMode()).isEqualTo(AcknowledgeMode.AUTO)));
	}

	@Test
	void startsWithoutLibrary() {
		MethodRunner.with(RabbitIdempotencyAutoConfiguration.class)
			.withClassLoader(new FilteredClassLoader("org.springframework.amqp", "com.rabbitmq"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("idempotencyRabbitListeners"));
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
