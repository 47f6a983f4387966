package io.idempotency.method;

import java.util.function.BinaryOperator;

import org.aopalliance.intercept.MethodInterceptor;

import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Gives the registries of a broker's listener containers other container factories, so
 * that the container of each protected listener is prepared when it is registered,
 * whenever that is, and whatever factory makes it.
 * <p>
 * Public for the integrations of message brokers; applications have no use for it.
 */
public final class ListenerRegistries implements BeanPostProcessor {

	private final Class<?> type;

	private final BinaryOperator<Object> factories;

	/**
	 * Creates a post-processor.
	 * @param type the class of the registries
	 * @param factories given a listener's endpoint and its container factory, returns the
	 * factory to use
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
