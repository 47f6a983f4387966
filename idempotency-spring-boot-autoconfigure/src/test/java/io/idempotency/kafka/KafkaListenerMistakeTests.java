package io.idempotency.kafka;

import java.util.List;
import java.util.Objects;

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import io.idempotency.testing.ListenerMistake;
import io.idempotency.testing.MethodRunner;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.kafka.annotation.KafkaHandler;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.config.KafkaListenerEndpointRegistry;
import org.springframework.kafka.listener.adapter.RecordFilterStrategy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * M10: a listener that cannot be protected ends in a sentence when the application
 * starts.
 */
@Tag("quick")
class KafkaListenerMistakeTests {

	private static final ApplicationContextRunner RUNNER = MethodRunner
		.with(KafkaIdempotencyAutoConfiguration.class, KafkaAutoConfiguration.class)
		.withPropertyValues("spring.kafka.listener.auto-startup=false", "spring.kafka.consumer.group-id=tests");

	static final List<ListenerMistake> mistakes = List.of(
			new ListenerMistake(TakesContext.class, "has a parameter of type IdempotencyContext"),
			new ListenerMistake(Handlers.class, "a batch cannot be passed to a @KafkaHandler method",
					"spring.kafka.listener.type=batch"),
			new ListenerMistake(Batch.class, "its container runs each batch in a transaction",
					"spring.kafka.producer.transaction-id-prefix=tx"),
			new ListenerMistake(FilteredBatch.class, "its container filters each batch"),
			new ListenerMistake(Single.class, "between 1 ms", "idempotency.kafka.retry-delay=0"));

	@ParameterizedTest
	@FieldSource("mistakes")
	void failsAtStart(ListenerMistake mistake) {
		mistake.assertFailsAtStart(RUNNER);
	}

	@Test
	void leavesOtherListenersAlone() {
		RUNNER.withBean(Unprotected.class)
			.run((context) -> assertThat(Objects
				.requireNonNull(
						context.getBean(KafkaListenerEndpointRegistry.class).getListenerContainer("unprotected"))
				.getContainerProperties()
				.getMessageListener()).isNotInstanceOf(ProtectedRecordListener.class));
	}

	@Test
	void startsWithoutLibrary() {
		MethodRunner.with(KafkaIdempotencyAutoConfiguration.class)
			.withClassLoader(new FilteredClassLoader("org.springframework.kafka", "org.apache.kafka"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("idempotencyKafkaRedelivery"));
	}

	static class Single {

		@Idempotent
		@KafkaListener(topics = "t")
		void single(String payload) {
		}

	}

	static class TakesContext {

		@Idempotent
		@KafkaListener(topics = "t")
		void single(String payload, IdempotencyContext context) {
		}

	}

	static class Batch {

		@Idempotent
		@KafkaListener(topics = "t", batch = "true")
		void batch(List<String> payloads) {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FilteredBatch {

		@Bean
		static RecordFilterStrategy<Object, Object> filter() {
			return (message) -> false;
		}

		@Idempotent
		@KafkaListener(topics = "t", batch = "true")
		void batch(List<String> payloads) {
		}

	}

	static class Unprotected {

		@KafkaListener(id = "unprotected", topics = "t")
		void single(String payload) {
		}

	}

	@KafkaListener(topics = "t")
	static class Handlers {

		@Idempotent
		@KafkaHandler
		void text(List<String> payloads) {
		}

	}

}
