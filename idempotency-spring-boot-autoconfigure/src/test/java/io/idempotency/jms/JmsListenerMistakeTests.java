package io.idempotency.jms;

import io.idempotency.Idempotent;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.testing.MethodRunner;
import jakarta.jms.ConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import org.springframework.boot.jms.autoconfigure.JmsAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.config.JmsListenerEndpointRegistry;
import org.springframework.jms.listener.AbstractMessageListenerContainer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * M10: a listener that cannot be protected ends in a sentence when the application
 * starts.
 */
@Tag("quick")
class JmsListenerMistakeTests {

	private static final ApplicationContextRunner RUNNER = MethodRunner
		.with(JmsIdempotencyAutoConfiguration.class, JmsAutoConfiguration.class)
		.withBean(ConnectionFactory.class, () -> new ActiveMQConnectionFactory("vm://1"))
		.withPropertyValues("spring.jms.listener.auto-startup=false");

	@Test
	void failsAtStartOnTopic() {
		RUNNER.withBean(Protected.class)
			.withPropertyValues("spring.jms.pub-sub-domain=true")
			.run((context) -> assertThat(context.getStartupFailure())
				.isInstanceOf(InvalidIdempotencyConfigurationException.class)
				.hasMessageContaining("Protected#listen")
				.hasMessageContaining("topic"));
	}

	@Test
	void failsAtStartWithoutPause() {
		RUNNER.withBean(Protected.class)
			.withPropertyValues("idempotency.jms.retry-delay=0")
			.run((context) -> assertThat(context.getStartupFailure()).rootCause()
				.hasMessageContaining("idempotency.jms.retry-delay"));
	}

	@Test
	void leavesOtherListenersAlone() {
		RUNNER.withBean(Unprotected.class)
			.withPropertyValues("spring.jms.pub-sub-domain=true")
			.run((context) -> assertThat(
					context.getBean(JmsListenerEndpointRegistry.class).getListenerContainer("unprotected"))
				.isInstanceOfSatisfying(AbstractMessageListenerContainer.class,
						(container) -> assertThat(container.getMessageListener())
							.isNotInstanceOf(ProtectedListener.class)));
	}

	@Test
	void startsWithoutLibrary() {
		MethodRunner.with(JmsIdempotencyAutoConfiguration.class)
			.withClassLoader(new FilteredClassLoader("org.springframework.jms", "jakarta.jms"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("idempotencyJmsListeners"));
	}

	static class Protected {

		@Idempotent
		@JmsListener(destination = "d")
		void listen(String payload) {
		}

	}

	static class Unprotected {

		@JmsListener(id = "unprotected", destination = "d")
		void listen(String payload) {
		}

	}

}
