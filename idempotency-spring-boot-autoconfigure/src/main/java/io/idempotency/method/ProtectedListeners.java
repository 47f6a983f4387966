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
 * Finds the protected methods of listeners.
 * <p>
 * Public for the integrations of message brokers; not intended for applications.
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
	 * @return whether its messages must be delivered as {@link IncomingMessage}s
	 * @throws InvalidIdempotencyConfigurationException if the annotation has a mistake
	 */
	public boolean isProtected(Object bean, Method method) {
		return find(bean, method) != null;
	}

	/**
	 * Describes a listener, if it is annotated as protected. This looks only at
	 * annotations, so it can be called before other beans are created.
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
	 * Returns whether the application has a protected method with the given annotation.
	 * @param annotation the annotation of a broker's listeners
	 * @return whether one of the methods found so far, or its class, has the annotation
	 */
	public boolean has(Class<? extends Annotation> annotation) {
		return this.catalog.protectedMethods()
			.stream()
			.anyMatch((method) -> AnnotatedElementUtils.hasAnnotation(method, annotation)
					|| AnnotatedElementUtils.hasAnnotation(method.getDeclaringClass(), annotation));
	}

	/**
	 * Prepares a protected method that receives several messages at once.
	 * @param bean the bean that has the method
	 * @param method the method
	 * @return supplies empty claims for each new batch
	 * @throws InvalidIdempotencyConfigurationException if the method cannot be protected
	 * when it receives batches
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
				"Remove storedExceptions: an exception does not say which message of a batch it belongs to.");
		require(!method.policy().transactional(), description, "is to commit its work together with its records",
				"Take the messages one by one, or turn transactional off for this listener.");
		require(!Arrays.asList(description.method().getParameterTypes()).contains(IdempotencyContext.class),
				description, "has a parameter of type IdempotencyContext",
				"Remove the parameter: each message of a batch has its own context.");
		requireOfMessage("key", method.key(), description);
		requireOfMessage("fingerprint", method.fingerprint(), description);
	}

	private static void requireOfMessage(String attribute, @Nullable CallExpression expression,
			MethodDescription description) {
		require(expression == null || expression.isOfMessage(), description,
				"has a %s that uses its parameters: %s".formatted(attribute, expression),
				"Write an expression that uses only #payload and #headers, which belong to one message of the batch.");
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
