package io.idempotency.rabbit;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Supplier;

import io.idempotency.method.ProtectedListeners;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.policy.MethodDescription;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.rabbit.annotation.RabbitHandler;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.AbstractRabbitListenerEndpoint;
import org.springframework.amqp.rabbit.listener.MethodRabbitListenerEndpoint;
import org.springframework.amqp.rabbit.listener.MultiMethodRabbitListenerEndpoint;
import org.springframework.amqp.rabbit.listener.RabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpoint;
import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Creates container factories that prepare the containers of protected listeners.
 */
final class ProtectedRabbitListeners {

	private final Supplier<PostponedDeliveries> postponed;

	ProtectedRabbitListeners(Supplier<PostponedDeliveries> postponed) {
		this.postponed = postponed;
	}

	/**
	 * Returns the factory to use for a listener.
	 */
	RabbitListenerContainerFactory<?> protecting(RabbitListenerEndpoint endpoint,
			RabbitListenerContainerFactory<?> factory) {
		MethodDescription listener = protectedListener(endpoint);
		return (listener != null) ? protecting(listener, factory) : factory;
	}

	/**
	 * Makes a proxy, because an implementation would fit one version of Spring AMQP only:
	 * 4.0 and 4.1 have different types for what the factory returns.
	 */
	private RabbitListenerContainerFactory<?> protecting(MethodDescription listener,
			RabbitListenerContainerFactory<?> factory) {
		return (RabbitListenerContainerFactory<?>) Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { RabbitListenerContainerFactory.class }, (proxy, method, arguments) -> {
					Object result = AopUtils.invokeJoinpointUsingReflection(factory, method,
							(arguments != null) ? arguments : new Object[0]);
					if (method.getName().equals("createListenerContainer")) {
						protect(Objects.requireNonNull(result), listener, isBatch(arguments));
					}
					return result;
				});
	}

	private static boolean isBatch(Object @Nullable [] arguments) {
		return arguments != null && arguments.length == 1
				&& arguments[0] instanceof AbstractRabbitListenerEndpoint described
				&& Boolean.TRUE.equals(described.getBatchListener());
	}

	private void protect(Object container, MethodDescription listener, boolean batch) {
		if (batch || !(container instanceof AbstractMessageListenerContainer known)) {
			throw new InvalidIdempotencyConfigurationException(
					"The listener %s is @Idempotent, but %s.".formatted(listener,
							batch ? "takes messages in batches, which have no common key"
									: "its container is a " + container.getClass().getName()
											+ ", which cannot leave messages unacknowledged"),
					"Let the listener take one message at a time, in a SimpleMessageListenerContainer or a"
							+ " DirectMessageListenerContainer, or remove @Idempotent.");
		}
		new ProtectedContainer(known, listener).prepare(this.postponed.get());
	}

	private static @Nullable MethodDescription protectedListener(RabbitListenerEndpoint endpoint) {
		if (!(endpoint instanceof MethodRabbitListenerEndpoint methods)) {
			return null;
		}
		if (endpoint instanceof MultiMethodRabbitListenerEndpoint) {
			requireNoneProtected(methods.getBean());
			return null;
		}
		Method method = methods.getMethod();
		return (method != null) ? ProtectedListeners.describe(methods.getBean(), method) : null;
	}

	private static void requireNoneProtected(Object bean) {
		Class<?> type = ClassUtils.getUserClass(AopUtils.getTargetClass(bean));
		Arrays.stream(ReflectionUtils.getUniqueDeclaredMethods(type))
			.filter((method) -> AnnotatedElementUtils.hasAnnotation(method, RabbitHandler.class))
			.map((method) -> ProtectedListeners.describe(bean, method))
			.filter(Objects::nonNull)
			.findFirst()
			.ifPresent((description) -> {
				throw new InvalidIdempotencyConfigurationException(
						"The @RabbitHandler method %s is @Idempotent, which is only supported on methods with @RabbitListener."
							.formatted(description),
						"Put @RabbitListener on the method instead of its class, or remove @Idempotent.");
			});
	}

}
