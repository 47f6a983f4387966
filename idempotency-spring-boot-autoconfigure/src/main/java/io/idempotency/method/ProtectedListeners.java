package io.idempotency.method;

import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.function.Supplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.policy.MethodDescription;
import io.idempotency.policy.ProtectionPolicies;
import io.idempotency.result.ResultJson;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/**
 * The listener methods that are protected.
 * <p>
 * Public for the integrations of message brokers; applications have no use for it.
 */
public final class ProtectedListeners {

	private final MethodCatalog catalog;

	private final CallKeys keys;

	private final ResultJson json;

	private final CallGate gate;

	private final CallRunner runner;

	ProtectedListeners(MethodCatalog catalog, CallKeys keys, ResultJson json, CallGate gate, CallRunner runner) {
		this.catalog = catalog;
		this.keys = keys;
		this.json = json;
		this.gate = gate;
		this.runner = runner;
	}

	/**
	 * Returns whether a method is a protected listener.
	 * @param bean the bean that has the method
	 * @param method the method
	 * @return whether its messages are to be delivered as {@link IncomingMessage}s
	 * @throws InvalidIdempotencyConfigurationException if its annotation contradicts
	 * something
	 */
	public boolean isProtected(Object bean, Method method) {
		return find(bean, method) != null;
	}

	/**
	 * Describes a listener, if its annotations say that it is protected. Nothing else is
	 * looked at, so that this can be asked before there are any beans.
	 * @param bean the bean that has the method
	 * @param method the method
	 * @return the method as its class declares it, or {@code null} if it is not annotated
	 */
	public static @Nullable MethodDescription describe(Object bean, Method method) {
		Class<?> type = ClassUtils.getUserClass(AopUtils.getTargetClass(bean));
		MethodDescription description = new MethodDescription(type, AopUtils.getMostSpecificMethod(method, type));
		return (ProtectionPolicies.annotation(description) != null) ? description : null;
	}

	/**
	 * Returns whether any method with an annotation is protected.
	 * @param annotation the annotation of a broker's listeners
	 * @return whether there is one among the beans of the application
	 */
	public boolean has(Class<? extends Annotation> annotation) {
		return this.catalog.protectedMethods()
			.stream()
			.anyMatch((method) -> AnnotatedElementUtils.hasAnnotation(method, annotation)
					|| AnnotatedElementUtils.hasAnnotation(method.getDeclaringClass(), annotation));
	}

	/**
	 * Returns a protected method whose listener container gives it several messages at
	 * once.
	 * @param bean the bean that has the method
	 * @param method the method
	 * @return begins with a batch: the claims of its messages, of which there are none
	 * yet
	 * @throws InvalidIdempotencyConfigurationException if it is not made for batches
	 */
	public Supplier<MessageClaims> batch(Object bean, Method method) {
		ProtectedMethod protectedMethod = find(bean, method);
		if (protectedMethod == null) {
			throw new IllegalArgumentException(method + " is not protected");
		}
		requireBatch(new MethodDescription(AopUtils.getTargetClass(bean), method), protectedMethod);
		return () -> new MessageClaims(bean, protectedMethod, this.keys, this.json, this.gate, this.runner.rules());
	}

	private @Nullable ProtectedMethod find(Object bean, Method method) {
		ProtectedMethod found = this.catalog.find(method, AopUtils.getTargetClass(bean));
		return (found != null && found.listener()) ? found : null;
	}

	private static void requireBatch(MethodDescription description, ProtectedMethod method) {
		require(method.resultType().isVoid() && !method.asynchronous(), description, "returns a result",
				"Return nothing: a batch has no result for each of its messages.");
		require(method.resultType().exceptions().isEmpty(), description, "has storedExceptions",
				"Remove storedExceptions: nobody knows which message of a batch an exception answers.");
		require(!method.policy().transactional(), description, "is to commit its work together with its records",
				"Take the messages one by one, or turn transactional off for this listener.");
		require(!Arrays.asList(description.method().getParameterTypes()).contains(IdempotencyContext.class),
				description, "has a parameter of type IdempotencyContext",
				"Remove the parameter: a batch has as many contexts as messages.");
		requireOfMessage("key", method.key(), description);
		requireOfMessage("fingerprint", method.fingerprint(), description);
	}

	private static void requireOfMessage(String attribute, @Nullable CallExpression expression,
			MethodDescription description) {
		require(expression == null || expression.isOfMessage(), description,
				"has a %s that names its parameters: %s".formatted(attribute, expression),
				"Write an expression over #payload and #headers, which are those of one message of the batch.");
	}

	private static void require(boolean condition, MethodDescription description, String what, String action) {
		if (!condition) {
			throw new InvalidIdempotencyConfigurationException(
					"The listener %s is @Idempotent and takes batches of messages, but %s.".formatted(description,
							what),
					action);
		}
	}

}
