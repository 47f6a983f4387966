package io.idempotency.kafka;

import java.lang.reflect.Method;
import java.util.List;
import java.util.function.Supplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.method.MessageClaims;
import io.idempotency.method.ProtectedListeners;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import org.jspecify.annotations.Nullable;

import org.springframework.kafka.config.KafkaListenerEndpoint;
import org.springframework.kafka.config.MethodKafkaListenerEndpoint;
import org.springframework.kafka.config.MultiMethodKafkaListenerEndpoint;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.BatchMessageListener;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.kafka.listener.adapter.FilteringBatchMessageListenerAdapter;

/**
 * Wraps the listener and the error handlers of containers whose listener is protected.
 * Other containers are not changed.
 */
final class ContainerProtection {

	private final ProtectedListeners listeners;

	private final Redelivery redelivery;

	ContainerProtection(ProtectedListeners listeners, Redelivery redelivery) {
		this.listeners = listeners;
		this.redelivery = redelivery;
	}

	/**
	 * Protects a container that has not been started.
	 * @throws InvalidIdempotencyConfigurationException if its listener is annotated but
	 * cannot be protected
	 */
	void protect(MessageListenerContainer container, KafkaListenerEndpoint endpoint) {
		if (!(endpoint instanceof MethodKafkaListenerEndpoint<?, ?> listener)) {
			return;
		}
		List<Method> methods = methods(listener).stream()
			.filter((method) -> this.listeners.isProtected(listener.getBean(), method))
			.toList();
		methods.forEach(ContainerProtection::requireNoContext);
		if (!methods.isEmpty()) {
			protect(container, listener, methods.get(0));
		}
	}

	/**
	 * Rejects a parameter of type {@code IdempotencyContext}, because Spring would pass
	 * the payload to it.
	 */
	private static void requireNoContext(Method method) {
		if (List.of(method.getParameterTypes()).contains(IdempotencyContext.class)) {
			throw unsupported(method, "has a parameter of type IdempotencyContext, which would be given the payload",
					"Remove the parameter, and call IdempotencyContextHolder.getContext().");
		}
	}

	private static List<Method> methods(MethodKafkaListenerEndpoint<?, ?> endpoint) {
		return (endpoint instanceof MultiMethodKafkaListenerEndpoint<?, ?> handlers) ? handlers.getMethods()
				: List.of(endpoint.getMethod());
	}

	@SuppressWarnings("unchecked")
	private void protect(MessageListenerContainer container, MethodKafkaListenerEndpoint<?, ?> endpoint,
			Method method) {
		if (!(container instanceof AbstractMessageListenerContainer<?, ?> supported)) {
			throw unsupported(method, "its container is a " + container.getClass().getName(),
					"Use a container factory such as ConcurrentKafkaListenerContainerFactory.");
		}
		Object listener = container.getContainerProperties().getMessageListener();
		if (listener instanceof MessageListener<?, ?> records) {
			protectRecords((AbstractMessageListenerContainer<Object, Object>) supported,
					(MessageListener<Object, Object>) records);
		}
		else if (listener instanceof BatchMessageListener<?, ?> batches) {
			requireBatch(endpoint, method, isTransactional(supported.getContainerProperties()));
			requireNoFilter(batches, method);
			protectBatches((AbstractMessageListenerContainer<Object, Object>) supported,
					(BatchMessageListener<Object, Object>) batches, this.listeners.batch(endpoint.getBean(), method));
		}
		else {
			throw unsupported(method, "its container has no listener of records or batches",
					"Use a container factory such as ConcurrentKafkaListenerContainerFactory.");
		}
	}

	private static void requireBatch(MethodKafkaListenerEndpoint<?, ?> endpoint, Method method, boolean transactional) {
		if (endpoint instanceof MultiMethodKafkaListenerEndpoint) {
			throw unsupported(method, "a batch cannot be passed to a @KafkaHandler method",
					"Move @KafkaListener to a method, or take the records one by one.");
		}
		if (transactional) {
			throw unsupported(method, "its container runs each batch in a transaction",
					"Take the records one by one, or remove the container's transaction manager.");
		}
	}

	/**
	 * Rejects a filter, because it would drop records after their keys were claimed.
	 */
	private static void requireNoFilter(Object listener, Method method) {
		if (listener instanceof FilteringBatchMessageListenerAdapter) {
			throw unsupported(method, "its container filters each batch after the keys of the records were claimed",
					"Take the records one by one, or filter them in the listener instead of by a RecordFilterStrategy.");
		}
	}

	private static InvalidIdempotencyConfigurationException unsupported(Method method, String what, String action) {
		return new InvalidIdempotencyConfigurationException("The listener %s#%s is @Idempotent, but %s."
			.formatted(method.getDeclaringClass().getName(), method.getName(), what), action);
	}

	private void protectRecords(AbstractMessageListenerContainer<Object, Object> container,
			MessageListener<Object, Object> listener) {
		boolean transactional = isTransactional(container.getContainerProperties());
		ProtectedRecordListener<Object, Object> protectedListener = new ProtectedRecordListener<>(listener);
		CommonErrorHandler own = errorHandler(container, transactional);
		if (own != null) {
			container
				.setCommonErrorHandler(new RecordErrorHandler(own, this.redelivery, protectedListener::hasRefused));
		}
		container.setAfterRollbackProcessor(
				new RedeliveringRollbackProcessor<>(container.getAfterRollbackProcessor(), this.redelivery));
		setListener(container.getContainerProperties(), protectedListener);
	}

	private void protectBatches(AbstractMessageListenerContainer<Object, Object> container,
			BatchMessageListener<Object, Object> listener, Supplier<MessageClaims> claims) {
		BatchCut cut = new BatchCut();
		CommonErrorHandler own = errorHandler(container, false);
		if (own != null) {
			container.setCommonErrorHandler(new BatchErrorHandler(own, this.redelivery, cut));
		}
		setListener(container.getContainerProperties(), new ProtectedBatchListener<>(listener, claims, cut));
	}

	/**
	 * Returns the error handler that the container would use, or {@code null} if it would
	 * not use one.
	 */
	private static @Nullable CommonErrorHandler errorHandler(AbstractMessageListenerContainer<?, ?> container,
			boolean transactional) {
		CommonErrorHandler own = container.getCommonErrorHandler();
		return (own == null && !transactional) ? new DefaultErrorHandler() : own;
	}

	@SuppressWarnings("removal")
	private static boolean isTransactional(ContainerProperties properties) {
		return properties.getKafkaAwareTransactionManager() != null || properties.getTransactionManager() != null;
	}

	/**
	 * Sets the listener and removes the advice chain, because the advice already wraps
	 * the original listener and would be applied to the new one as well.
	 */
	private static void setListener(ContainerProperties properties, Object listener) {
		properties.setAdviceChain();
		properties.setMessageListener(listener);
	}

}
