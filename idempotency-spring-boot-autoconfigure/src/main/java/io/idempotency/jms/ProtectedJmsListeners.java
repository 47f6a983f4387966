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
 * Makes factories that prepare the containers of protected listeners.
 */
final class ProtectedJmsListeners {

	private final Supplier<Duration> retryDelay;

	ProtectedJmsListeners(Supplier<Duration> retryDelay) {
		this.retryDelay = retryDelay;
	}

	/**
	 * Returns the factory to use for a listener.
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
						"listens to a topic, all of whose subscribers would get a message that is sent again",
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
				"The listener %s is @Idempotent, but %s, so that a message cannot come back after a pause."
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
