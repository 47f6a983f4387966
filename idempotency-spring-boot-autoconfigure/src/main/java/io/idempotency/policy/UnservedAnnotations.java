package io.idempotency.policy;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Set;

import io.idempotency.Idempotent;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;

/**
 * Finds {@link Idempotent} on methods of beans that no front end protects, because it
 * would have no effect there.
 */
final class UnservedAnnotations implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(UnservedAnnotations.class);

	private final ConfigurableListableBeanFactory beanFactory;

	private final ObjectProvider<ServedMethods> frontEnds;

	UnservedAnnotations(ConfigurableListableBeanFactory beanFactory, ObjectProvider<ServedMethods> frontEnds) {
		this.beanFactory = beanFactory;
		this.frontEnds = frontEnds;
	}

	@Override
	public void afterSingletonsInstantiated() {
		for (String name : this.beanFactory.getBeanDefinitionNames()) {
			Class<?> type = userType(this.beanFactory.getType(name, false));
			if (type != null) {
				check(type);
			}
		}
	}

	private boolean isServed(Class<?> type, Method method) {
		return this.frontEnds.stream().anyMatch((frontEnd) -> frontEnd.serves(type, method));
	}

	/**
	 * Returns the class of a bean as it was written, or {@code null} if it is not
	 * checked. Interfaces and JDK proxies are not checked, because an interface may be
	 * shared with a client, whose proxy protects nothing.
	 */
	private static @Nullable Class<?> userType(@Nullable Class<?> type) {
		if (type == null || type.isInterface() || Proxy.isProxyClass(type)
				|| !AnnotationUtils.isCandidateClass(type, Idempotent.class)) {
			return null;
		}
		return type.getName().startsWith("org.springframework.") ? null : ClassUtils.getUserClass(type);
	}

	private void check(Class<?> type) {
		for (Method method : annotatedMethods(type)) {
			if (!isServed(type, method)) {
				throw unserved(new MethodDescription(type, method) + "()", method);
			}
		}
		boolean classAnnotated = isAnnotated(type);
		if (classAnnotated && !Modifier.isAbstract(type.getModifiers())
				&& MethodIntrospector.selectMethods(type, (Method method) -> isServed(type, method)).isEmpty()) {
			throw unserved("class " + type.getName(), null);
		}
	}

	/**
	 * Returns the annotated methods of a class. If the class refers to missing classes,
	 * its methods can neither be read nor protected.
	 */
	private static Set<Method> annotatedMethods(Class<?> type) {
		try {
			return MethodIntrospector.selectMethods(type, (Method method) -> isAnnotated(method));
		}
		catch (RuntimeException | LinkageError ex) {
			logger.debug("The methods of " + type.getName() + " cannot be read", ex);
			return Set.of();
		}
	}

	/**
	 * Returns whether an element is annotated. Annotations of interfaces are ignored,
	 * because an interface may be implemented by a client or by a mock of it.
	 */
	private static boolean isAnnotated(AnnotatedElement element) {
		return MergedAnnotations.from(element, SearchStrategy.SUPERCLASS).isPresent(Idempotent.class);
	}

	private static InvalidIdempotencyConfigurationException unserved(String place, @Nullable Method method) {
		boolean hidden = method != null
				&& (Modifier.isPrivate(method.getModifiers()) || Modifier.isFinal(method.getModifiers()));
		return new InvalidIdempotencyConfigurationException("@Idempotent on %s has no effect: %s.".formatted(place,
				hidden ? "a private or final method is not a handler and cannot be intercepted"
						: "it is neither a handler of HTTP requests nor a listener of messages, and names no key"),
				"Give it a key, such as @Idempotent(key = \"#order.id\"), to protect the calls of the method; or move"
						+ " @Idempotent to the handler, or remove it.");
	}

}
