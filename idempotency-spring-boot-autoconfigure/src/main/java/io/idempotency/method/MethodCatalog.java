package io.idempotency.method;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;

import io.idempotency.Idempotent;
import io.idempotency.policy.InvalidIdempotencyConfigurationException;
import io.idempotency.policy.MethodDescription;
import io.idempotency.policy.ProtectedOperations;
import io.idempotency.policy.ProtectionPolicies;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.policy.ResultKind;
import io.idempotency.result.ResultJson;
import io.idempotency.result.ResultType;
import io.idempotency.store.RecordKey;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.support.AopUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.core.GenericTypeResolver;
import org.springframework.core.KotlinDetector;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.annotation.MergedAnnotations;
import org.springframework.core.annotation.MergedAnnotations.SearchStrategy;
import org.springframework.util.ClassUtils;

/**
 * Determines for each method how its calls are protected, and finds mistakes in its
 * annotation.
 */
final class MethodCatalog implements ProtectedOperations {

	/**
	 * The annotations of methods that are called by a broker's listener container.
	 */
	private static final List<String> LISTENERS = List.of("org.springframework.kafka.annotation.KafkaListener",
			"org.springframework.kafka.annotation.KafkaHandler",
			"org.springframework.amqp.rabbit.annotation.RabbitListener",
			"org.springframework.amqp.rabbit.annotation.RabbitHandler",
			"org.springframework.jms.annotation.JmsListener");

	private static final Log logger = LogFactory.getLog(MethodCatalog.class);

	private final ProtectionPolicies policies;

	private final ResultJson json;

	private final CallerTransaction transaction;

	private final ConfigurableListableBeanFactory beanFactory;

	private final Map<MethodDescription, Optional<ProtectedMethod>> methods = new ConcurrentHashMap<>();

	MethodCatalog(ProtectionPolicies policies, ResultJson json, CallerTransaction transaction,
			ConfigurableListableBeanFactory beanFactory) {
		this.policies = policies;
		this.json = json;
		this.transaction = transaction;
		this.beanFactory = beanFactory;
	}

	/**
	 * Returns whether a method is to be protected. This looks only at annotations,
	 * because it is called for each method of each bean while beans are created.
	 */
	static boolean isAnnotated(Method method, Class<?> targetClass) {
		Class<?> userClass = ClassUtils.getUserClass(targetClass);
		Method specific = AopUtils.getMostSpecificMethod(method, userClass);
		Idempotent idempotent = ProtectionPolicies.annotation(new MethodDescription(userClass, specific));
		return idempotent != null && (!idempotent.key().isEmpty() || isListener(specific));
	}

	/**
	 * Requires that calls of a class can be intercepted. Only an interface can stand in
	 * for a final class.
	 * @throws InvalidIdempotencyConfigurationException if they cannot
	 */
	static void requireProxyable(Class<?> targetClass) {
		if (Modifier.isFinal(targetClass.getModifiers()) && !Proxy.isProxyClass(targetClass)
				&& ClassUtils.getAllInterfacesForClass(targetClass).length == 0) {
			throw new InvalidIdempotencyConfigurationException(
					"The class %s has @Idempotent methods, but is final, so that their calls cannot be intercepted."
						.formatted(targetClass.getName()),
					"Make the class and the methods overridable (in Kotlin: open), or move @Idempotent to the method that calls them.");
		}
	}

	static boolean isListener(Method method) {
		MergedAnnotations annotations = MergedAnnotations.from(method, SearchStrategy.TYPE_HIERARCHY);
		return LISTENERS.stream().anyMatch(annotations::isPresent);
	}

	/**
	 * Returns how the calls of a method are protected.
	 * @return {@code null} if they are not protected
	 * @throws InvalidIdempotencyConfigurationException if the annotation has a mistake
	 */
	@Nullable ProtectedMethod find(Method method, Class<?> targetClass) {
		Class<?> userClass = ClassUtils.getUserClass(targetClass);
		Method specific = AopUtils.getMostSpecificMethod(method, userClass);
		return this.methods
			.computeIfAbsent(new MethodDescription(userClass, specific, kind(specific)),
					(description) -> Optional.ofNullable(isAnnotated(specific, userClass) ? read(description) : null))
			.orElse(null);
	}

	@Override
	public List<ProtectedOperation> operations() {
		List<ProtectedOperation> operations = new ArrayList<>();
		this.methods.forEach((description, known) -> known
			.ifPresent((method) -> operations.add(new ProtectedOperation(method.operation(), description.toString(),
					method.listener(), (method.key() != null) ? method.key().toString() : null, method.policy()))));
		operations.sort(Comparator.comparing(ProtectedOperation::name));
		return operations;
	}

	@Override
	public RecordKey locate(String operation, String key) {
		return CallKeys.recordKey(operation, key);
	}

	/**
	 * Returns the protected methods that were found so far.
	 */
	Collection<Method> protectedMethods() {
		return this.methods.entrySet()
			.stream()
			.filter((entry) -> entry.getValue().isPresent())
			.map((entry) -> entry.getKey().method())
			.toList();
	}

	private static ResultKind kind(Method method) {
		return CompletionStage.class.isAssignableFrom(method.getReturnType()) ? ResultKind.ASYNCHRONOUS
				: ResultKind.SYNCHRONOUS;
	}

	private @Nullable ProtectedMethod read(MethodDescription description) {
		Method method = description.method();
		Idempotent idempotent = ProtectionPolicies.annotation(description);
		if (idempotent == null) {
			return null;
		}
		requireInterceptable(description);
		warnOfSelfInvocations(description);
		if (idempotent.manual()) {
			throw new InvalidIdempotencyConfigurationException(
					"The method %s has @Idempotent(manual = true), which only handlers of HTTP requests support."
						.formatted(description),
					"Remove manual: later calls get the stored result.");
		}
		boolean listener = isListener(method);
		ProtectionPolicy policy = this.policies.required(description);
		boolean joinsTransaction = this.transaction.isJoinedBy(method, description.beanType());
		if (policy.transactional() && !joinsTransaction) {
			throw new InvalidIdempotencyConfigurationException(
					"The method %s is to commit its work together with its record, but is @Transactional with a propagation that does not join the transaction of the record."
						.formatted(description),
					"Use @Transactional with the propagation REQUIRED, or turn transactional off.");
		}
		return new ProtectedMethod(operation(idempotent, description), listener,
				description.resultKind() == ResultKind.ASYNCHRONOUS,
				expression("key", idempotent.key(), method, listener),
				expression("fingerprint", idempotent.fingerprint(), method, listener), policy,
				resultType(idempotent, description), listener ? Duration.ZERO : waitTimeout(idempotent, description),
				joinsTransaction, PayloadParameter.of(method));
	}

	private static void requireInterceptable(MethodDescription description) {
		Method method = description.method();
		String hindrance = Modifier.isPrivate(method.getModifiers()) ? "is private"
				: Modifier.isFinal(method.getModifiers()) ? "is final"
						: Modifier.isStatic(method.getModifiers()) ? "is static" : null;
		if (hindrance != null) {
			throw new InvalidIdempotencyConfigurationException(
					"The method %s is @Idempotent, but %s, and its calls cannot be intercepted.".formatted(description,
							hindrance),
					"Make the method overridable (in Kotlin: open), or move @Idempotent to the method that calls it.");
		}
		if (KotlinDetector.isSuspendingFunction(method)) {
			throw unsupportedResult(description, "is a suspending function");
		}
	}

	private static void warnOfSelfInvocations(MethodDescription description) {
		Set<String> callers = SelfInvocations.of(description.method().getDeclaringClass(), description.method());
		if (!callers.isEmpty()) {
			logger.warn("The method " + description + " is @Idempotent, but its own class calls it in " + callers
					+ ": these calls do not go through the bean, and are not protected");
		}
	}

	private static InvalidIdempotencyConfigurationException unsupportedResult(MethodDescription description,
			String what) {
		return new InvalidIdempotencyConfigurationException(
				"The method %s is @Idempotent, but %s, whose result cannot be stored.".formatted(description, what),
				"Return the result itself, or a CompletableFuture of it.");
	}

	private static String operation(Idempotent idempotent, MethodDescription description) {
		if (!idempotent.operation().isBlank()) {
			return idempotent.operation();
		}
		return ClassUtils.getUserClass(description.beanType()).getName() + "." + description.method().getName();
	}

	private @Nullable CallExpression expression(String attribute, String text, Method method, boolean listener) {
		return text.isEmpty() ? null : CallExpression.of(attribute, text, method, listener, this.beanFactory);
	}

	private ResultType resultType(Idempotent idempotent, MethodDescription description) {
		Class<?> raw = description.method().getReturnType();
		Type declared = GenericTypeResolver.resolveType(description.method().getGenericReturnType(),
				description.beanType());
		if (description.resultKind() == ResultKind.ASYNCHRONOUS) {
			declared = this.json.contentOf(declared, CompletionStage.class);
		}
		else if (Future.class.isAssignableFrom(raw)
				|| ReactiveAdapterRegistry.getSharedInstance().getAdapter(raw) != null) {
			throw unsupportedResult(description, "returns a " + raw.getName());
		}
		try {
			return this.json.typeOf(declared, List.of(idempotent.storedExceptions()));
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidIdempotencyConfigurationException(
					"The results of %s, which is @Idempotent, cannot be stored: %s.".formatted(description,
							ex.getMessage()),
					"Return a type that Jackson can write and read, or void.");
		}
	}

	private Duration waitTimeout(Idempotent idempotent, MethodDescription description) {
		if (idempotent.waitTimeout().isEmpty()) {
			return Duration.ZERO;
		}
		try {
			String text = this.beanFactory.resolveEmbeddedValue(idempotent.waitTimeout());
			return DurationStyle.detectAndParse((text != null) ? text : "");
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidIdempotencyConfigurationException(
					"The method %s has @Idempotent(waitTimeout = \"%s\"): %s.".formatted(description,
							idempotent.waitTimeout(), ex.getMessage()),
					"Give a duration such as PT5S or 5s.");
		}
	}

}
