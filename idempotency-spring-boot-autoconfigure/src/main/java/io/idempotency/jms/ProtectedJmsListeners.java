package io.idempotency.jms;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.function.Supplier;

import io.idempotency.method.ProtectedListeners;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.policy.MethodDescription;
import org.jspecify.annotations.Nullable;

import org.springframework.jms.config.JmsListenerContainerFactory;
import org.springframework.jms.config.JmsListenerEndpoint;
import org.springframework.jms.config.MethodJmsListenerEndpoint;
import org.springframework.jms.listener.AbstractMessageListenerContainer;
import org.springframework.jms.listener.MessageListenerContainer;

/**
 * Creates factories that protect the listeners of the containers that they create.
 */
final class ProtectedJmsListeners {

	private final Supplier<Duration> retryDelay;

	ProtectedJmsListeners(Supplier<Duration> retryDelay) {
		this.retryDelay = retryDelay;
	}

	/**
	 * Returns the container factory to use for a listener.
	 */
	JmsListenerContainerFactory<?> protecting(JmsListenerEndpoint endpoint, JmsListenerContainerFactory<?> factory) {
		MethodDescription listener = protectedListener(endpoint);
		return (listener != null) ? protecting(listener, factory) : factory;
	}

	private <C extends MessageListenerContainer> JmsListenerContainerFactory<C> protecting(MethodDescription listener,
			JmsListenerContainerFactory<C> factory) {
		return (endpoint) -> {
			C container = factory.createListenerContainer(endpoint);
			if (!(container instanceof AbstractMessageListenerContainer known)) {
				throw mistake(listener, "its container is a " + container.getClass().getName(),
						"Use a DefaultJmsListenerContainerFactory or a SimpleJmsListenerContainerFactory");
			}
			if (known.isPubSubDomain()) {
				throw mistake(listener,
						"listens to a topic, and a message that is sent again would go to all subscribers of the topic",
						"Let the listener read from a queue that the topic feeds");
			}
			Object messageListener = known.getMessageListener();
			if (messageListener == null) {
				throw new IllegalStateException("The container of " + listener + " has no listener");
			}
			known.setMessageListener(
					new ProtectedListener(messageListener, new PostponedMessages(known, this.retryDelay.get())));
			return container;
		};
	}

	private static InvalidIdempotencyConfigurationException mistake(MethodDescription listener, String contradiction,
			String action) {
		return new InvalidIdempotencyConfigurationException(
				"The listener %s is @Idempotent, but %s, so a message cannot be delivered again after a delay."
					.formatted(listener, contradiction),
				action + ", or remove @Idempotent.");
	}

	private static @Nullable MethodDescription protectedListener(JmsListenerEndpoint endpoint) {
		if (!(endpoint instanceof MethodJmsListenerEndpoint methods)) {
			return null;
		}
		Object bean = methods.getBean();
		Method method = methods.getMostSpecificMethod();
		return (bean != null && method != null) ? ProtectedListeners.describe(bean, method) : null;
	}

}
