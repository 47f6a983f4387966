package io.idempotency.method;

import java.util.function.BinaryOperator;

import org.aopalliance.intercept.MethodInterceptor;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Replaces the container factories that are passed to the registries of a broker's
 * listener containers. In this way, the container of each protected listener is prepared
 * when it is registered, at any time and by any factory.
 * <p>
 * Public for the integrations of message brokers; not intended for applications.
 */
public final class ListenerRegistries implements BeanPostProcessor {

	private final Class<?> type;

	private final BinaryOperator<Object> factories;

	/**
	 * Creates a post-processor.
	 * @param type the class of the registries
	 * @param factories returns the factory to use for the endpoint of a listener and its
	 * container factory
	 */
	public ListenerRegistries(Class<?> type, BinaryOperator<Object> factories) {
		this.type = type;
		this.factories = factories;
	}

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (!this.type.isInstance(bean)) {
			return bean;
		}
		ProxyFactory proxy = new ProxyFactory(bean);
		proxy.setProxyTargetClass(true);
		proxy.addAdvice((MethodInterceptor) (invocation) -> {
			if (invocation.getMethod().getName().equals("registerListenerContainer")) {
				Object[] arguments = invocation.getArguments();
				arguments[1] = this.factories.apply(arguments[0], arguments[1]);
			}
			return invocation.proceed();
		});
		return proxy.getProxy(bean.getClass().getClassLoader());
	}

}
