package io.idempotency.method;

import java.util.Arrays;

import io.idempotency.Idempotent;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.Advised;
import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;

/**
 * Finds beans with protected methods that have no proxy to protect them, because they
 * were created too early or without the application context.
 */
final class UnproxiedBeans implements SmartInitializingSingleton {

	/**
	 * Spring's test support registers a bean of this name where a test replaces beans,
	 * for example by mocks. What a test puts in the place of a bean is never proxied, and
	 * cannot be told from a bean that was created early.
	 */
	private static final String BEAN_OVERRIDES = "org.springframework.test.context.bean.override.internalBeanOverridePostProcessor";

	private final ConfigurableListableBeanFactory beanFactory;

	UnproxiedBeans(ConfigurableListableBeanFactory beanFactory) {
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		if (this.beanFactory.containsBean(BEAN_OVERRIDES)) {
			return;
		}
		for (String name : this.beanFactory.getBeanDefinitionNames()) {
			Object bean = this.beanFactory.containsSingleton(name) ? this.beanFactory.getSingleton(name) : null;
			if (bean != null && isProtected(bean) && !isProxied(bean)) {
				throw new InvalidIdempotencyConfigurationException(
						"The bean %s has @Idempotent methods, but was created before their calls could be intercepted."
							.formatted(name),
						"Do not inject the bean into beans that are created early, such as a BeanPostProcessor, or inject it with @Lazy.");
			}
		}
	}

	private static boolean isProtected(Object bean) {
		Class<?> type = ClassUtils.getUserClass(AopUtils.getTargetClass(bean));
		if (!AnnotationUtils.isCandidateClass(type, Idempotent.class)) {
			return false;
		}
		return Arrays.stream(ReflectionUtils.getUniqueDeclaredMethods(type))
			.anyMatch((method) -> MethodCatalog.isAnnotated(method, type));
	}

	private static boolean isProxied(@Nullable Object bean) {
		return bean instanceof Advised advised
				&& Arrays.stream(advised.getAdvisors()).anyMatch(IdempotentMethodAdvisor.class::isInstance);
	}

}
