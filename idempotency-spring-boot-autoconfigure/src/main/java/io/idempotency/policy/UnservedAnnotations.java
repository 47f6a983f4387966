package io.idempotency.policy;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.function.BiPredicate;

import io.idempotency.Idempotent;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodIntrospector;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.AnnotationUtils;
import org.springframework.util.ClassUtils;

/**
 * Finds {@link Idempotent} where nobody looks at it: on a method of a bean that is no
 * handler. It would promise what nothing keeps.
 * <p>
 * Public for the front ends of this library; applications have no use for it.
 */
public final class UnservedAnnotations {

	private final ConfigurableListableBeanFactory beanFactory;

	private final BiPredicate<Class<?>, Method> served;

	/**
	 * Creates the search.
	 * @param beanFactory has the beans to look at
	 * @param served tells whether a method of a class is one that is protected where its
	 * annotation says so
	 */
	public UnservedAnnotations(ConfigurableListableBeanFactory beanFactory, BiPredicate<Class<?>, Method> served) {
		this.beanFactory = beanFactory;
		this.served = served;
	}

	/**
	 * Looks at all beans.
	 * @throws InvalidIdempotencyConfigurationException if an annotation is not served
	 */
	public void check() {
		for (String name : this.beanFactory.getBeanDefinitionNames()) {
			Class<?> type = userType(this.beanFactory.getType(name, false));
			if (type != null) {
				check(type);
			}
		}
	}

	/**
	 * Returns the class that somebody wrote. An interface may be shared with a client,
	 * whose proxy serves nobody.
	 */
	private static @Nullable Class<?> userType(@Nullable Class<?> type) {
		if (type == null || type.isInterface() || Proxy.isProxyClass(type)
				|| !AnnotationUtils.isCandidateClass(type, Idempotent.class)) {
			return null;
		}
		return type.getName().startsWith("org.springframework.") ? null : ClassUtils.getUserClass(type);
	}

	private void check(Class<?> type) {
		Set<Method> annotated = MethodIntrospector.selectMethods(type, UnservedAnnotations::isAnnotated);
		for (Method method : annotated) {
			if (!this.served.test(type, method)) {
				throw unserved(new MethodDescription(type, method) + "()", method);
			}
		}
		boolean classAnnotated = AnnotatedElementUtils.hasAnnotation(type, Idempotent.class);
		if (classAnnotated && !Modifier.isAbstract(type.getModifiers())
				&& MethodIntrospector.selectMethods(type, (Method method) -> this.served.test(type, method))
					.isEmpty()) {
			throw unserved("class " + type.getName(), null);
		}
	}

	private static boolean isAnnotated(Method method) {
		return AnnotatedElementUtils.hasAnnotation(method, Idempotent.class);
	}

	private static InvalidIdempotencyConfigurationException unserved(String place, @Nullable Method method) {
		boolean hidden = method != null
				&& (Modifier.isPrivate(method.getModifiers()) || Modifier.isFinal(method.getModifiers()));
		return new InvalidIdempotencyConfigurationException(
				"@Idempotent on %s has no effect: %s.".formatted(place,
						hidden ? "a private or final method is no handler and cannot be intercepted"
								: "it is not a handler of HTTP requests, and calls of other methods are not protected"),
				"Move @Idempotent to the handler method, or remove it.");
	}

}
