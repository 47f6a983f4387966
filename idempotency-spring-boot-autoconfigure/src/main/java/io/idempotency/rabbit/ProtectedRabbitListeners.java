package io.idempotency.rabbit;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.function.Supplier;

import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.policy.MethodDescription;
import io.idempotency.policy.ProtectionPolicies;
import org.aopalliance.intercept.MethodInterceptor;
import org.jspecify.annotations.Nullable;

import org.springframework.amqp.rabbit.annotation.RabbitHandler;
import org.springframework.amqp.rabbit.listener.AbstractMessageListenerContainer;
import org.springframework.amqp.rabbit.listener.AbstractRabbitListenerEndpoint;
import org.springframework.amqp.core.MessageListenerContainer;
import org.springframework.amqp.rabbit.listener.MethodRabbitListenerEndpoint;
import org.springframework.amqp.rabbit.listener.MultiMethodRabbitListenerEndpoint;
import org.springframework.amqp.rabbit.listener.RabbitListenerContainerFactory;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpoint;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Prepares the container of each protected listener when it is registered, whenever that
 * is, and whatever factory makes it.
 */
final class ProtectedRabbitListeners implements BeanPostProcessor {

	private final Supplier<PostponedDeliveries> postponed;

	ProtectedRabbitListeners(Supplier<PostponedDeliveries> postponed) {
		this.postponed = postponed;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!(bean instanceof RabbitListenerEndpointRegistry)) {
			return bean;
		}
		ProxyFactory proxy = new ProxyFactory(bean);
		proxy.setProxyTargetClass(true);
		proxy.addAdvice((MethodInterceptor) (invocation) -> {
			Object[] arguments = invocation.getArguments();
			if (invocation.getMethod().getName().equals("registerListenerContainer")
					&& arguments[0] instanceof RabbitListenerEndpoint endpoint
					&& arguments[1] instanceof RabbitListenerContainerFactory<?> factory) {
				arguments[1] = protecting(endpoint, factory);
			}
			return invocation.proceed();
		});
		return proxy.getProxy(bean.getClass().getClassLoader());
	}

	private RabbitListenerContainerFactory<?> protecting(RabbitListenerEndpoint endpoint,
			RabbitListenerContainerFactory<?> factory) {
		MethodDescription listener = protectedListener(endpoint);
		return (listener != null) ? protecting(listener, factory) : factory;
	}

	private <C extends MessageListenerContainer> RabbitListenerContainerFactory<C> protecting(
			MethodDescription listener, RabbitListenerContainerFactory<C> factory) {
		return (endpoint) -> {
			C container = factory.createListenerContainer(endpoint);
			boolean batch = endpoint instanceof AbstractRabbitListenerEndpoint described
					&& Boolean.TRUE.equals(described.getBatchListener());
			if (batch || !(container instanceof AbstractMessageListenerContainer known)) {
				throw new InvalidIdempotencyConfigurationException(
						"The listener %s is @Idempotent, but %s.".formatted(listener,
								batch ? "takes messages in batches, which have no key together"
										: "its container is a " + container.getClass().getName()
												+ ", which leaves no message unacknowledged"),
						"Let the listener take one message at a time, in a SimpleMessageListenerContainer or a"
								+ " DirectMessageListenerContainer, or remove @Idempotent.");
			}
			new ProtectedContainer(known, listener).prepare(this.postponed.get());
			return container;
		};
	}

	private static @Nullable MethodDescription protectedListener(RabbitListenerEndpoint endpoint) {
		if (!(endpoint instanceof MethodRabbitListenerEndpoint methods)) {
			return null;
		}
		Class<?> type = ClassUtils.getUserClass(AopUtils.getTargetClass(methods.getBean()));
		if (endpoint instanceof MultiMethodRabbitListenerEndpoint) {
			requireNoneProtected(type);
			return null;
		}
		Method method = methods.getMethod();
		if (method == null) {
			return null;
		}
		MethodDescription description = new MethodDescription(type, AopUtils.getMostSpecificMethod(method, type));
		return (ProtectionPolicies.annotation(description) != null) ? description : null;
	}

	private static void requireNoneProtected(Class<?> type) {
		Arrays.stream(ReflectionUtils.getUniqueDeclaredMethods(type))
			.filter((method) -> AnnotatedElementUtils.hasAnnotation(method, RabbitHandler.class))
			.map((method) -> new MethodDescription(type, method))
			.filter((description) -> ProtectionPolicies.annotation(description) != null)
			.findFirst()
			.ifPresent((description) -> {
				throw new InvalidIdempotencyConfigurationException(
						"The @RabbitHandler method %s is @Idempotent, which only methods with @RabbitListener can be."
							.formatted(description),
						"Put @RabbitListener on the method instead of its class, or remove @Idempotent.");
			});
	}

}
