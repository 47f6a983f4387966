package io.idempotency.actuate;

import java.lang.reflect.RecordComponent;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import io.idempotency.policy.EngineProperties;
import io.idempotency.policy.ProtectedOperations;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.ProtectedHandlers;
import io.idempotency.web.ProtectedHandlers.ProtectedMapping;
import io.idempotency.web.ProtectedHandlers.UnprotectedMapping;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.http.HttpMethod;
import org.springframework.util.ClassUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.web.method.HandlerMethod;

/**
 * Describes how the application is set up: its settings, stores, handlers, methods and
 * listeners.
 */
final class ApplicationReport {

	private static final String FRAMEWORK = "org.springframework.boot.";

	private final EngineProperties engineProperties;

	private final IdempotencyProperties properties;

	private final ProtectedHandlers handlers;

	private final ProtectedOperations operations;

	private final Stores stores;

	ApplicationReport(EngineProperties engineProperties, IdempotencyProperties properties, ProtectedHandlers handlers,
			ProtectedOperations operations, Stores stores) {
		this.engineProperties = engineProperties;
		this.properties = properties;
		this.handlers = handlers;
		this.operations = operations;
		this.stores = stores;
	}

	Report report() {
		return new Report(settings(), this.stores.describe(), handlers(), operations());
	}

	/**
	 * Returns the effective settings, with property names and values as they are written
	 * in a configuration file.
	 */
	private Map<String, Object> settings() {
		Map<String, Object> settings = new LinkedHashMap<>();
		add(this.engineProperties, settings);
		add(this.properties, settings);
		return settings;
	}

	private static void add(Record properties, Map<String, Object> settings) {
		for (RecordComponent component : properties.getClass().getRecordComponents()) {
			Object value = ReflectionUtils.invokeMethod(component.getAccessor(), properties);
			if (value != null) {
				settings.put("idempotency." + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT),
						inWords(value));
			}
		}
	}

	private static Object inWords(Object value) {
		if (value instanceof Collection<?> values) {
			Stream<Object> words = values.stream().map(ApplicationReport::inWords);
			return ((value instanceof Set) ? words.sorted() : words).toList();
		}
		if (value instanceof Enum<?> constant) {
			return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
		}
		return (value instanceof Boolean || value instanceof Number) ? value : value.toString();
	}

	/**
	 * Returns the application's own handlers, without those of Spring Boot.
	 */
	private List<HandlerDescriptor> handlers() {
		return Stream
			.concat(this.handlers.protectedMappings().stream().map(this::describe),
					this.handlers.unprotectedMappings().stream().map(ApplicationReport::describe))
			.filter((handler) -> !handler.handler().startsWith(FRAMEWORK))
			.sorted(Comparator.comparing((HandlerDescriptor handler) -> String.join(" ", handler.patterns()))
				.thenComparing((handler) -> String.join(" ", handler.methods())))
			.toList();
	}

	private HandlerDescriptor describe(ProtectedMapping mapping) {
		ProtectionPolicy policy = mapping.policy();
		return new HandlerDescriptor(sorted(mapping.patterns()), names(mapping.httpMethods()), name(mapping.handler()),
				policy.keyRequired() ? "required" : "optional", policy.manual(), policy.streaming(),
				policy.expiry().toString(), this.stores.nameOf(policy.store()), policy.transactional());
	}

	private static HandlerDescriptor describe(UnprotectedMapping mapping) {
		return new HandlerDescriptor(sorted(mapping.patterns()), names(mapping.httpMethods()), name(mapping.handler()),
				mapping.exempt() ? "exempt" : "unprotected", null, null, null, null, null);
	}

	private List<OperationDescriptor> operations() {
		return this.operations.operations().stream().map((operation) -> {
			ProtectionPolicy policy = operation.policy();
			return new OperationDescriptor(operation.name(), operation.method(), operation.listener(), operation.key(),
					policy.keyRequired() ? "required" : "optional", policy.expiry().toString(),
					this.stores.nameOf(policy.store()), policy.transactional());
		}).toList();
	}

	private static List<String> sorted(Set<String> values) {
		return values.stream().sorted().toList();
	}

	private static List<String> names(Set<HttpMethod> methods) {
		return methods.stream().map(HttpMethod::name).sorted().toList();
	}

	private static String name(HandlerMethod handler) {
		return ClassUtils.getUserClass(handler.getBeanType()).getName() + "#" + handler.getMethod().getName();
	}

	/**
	 * The setup of the application.
	 *
	 * @param settings the effective settings, without those that have no value
	 * @param stores the stores by bean name
	 * @param handlers the application's handlers, without functional endpoints
	 * @param operations the protected methods and listeners
	 */
	record Report(Map<String, Object> settings, Map<String, Stores.StoreDescriptor> stores,
			List<HandlerDescriptor> handlers, List<OperationDescriptor> operations) implements OperationResponseBody {
	}

	/**
	 * How a method or listener is protected.
	 *
	 * @param operation the name of the operation that the keys belong to
	 * @param method the class and the method
	 * @param listener whether the method is a message listener
	 * @param keyExpression the expression of the key; absent if the key comes from the
	 * message
	 * @param key whether a key is required or optional
	 * @param expiry how long results are kept
	 * @param store the name of the store that keeps the records
	 * @param transactional whether the work is committed together with its result
	 */
	record OperationDescriptor(String operation, String method, boolean listener, @Nullable String keyExpression,
			String key, String expiry, String store, boolean transactional) {
	}

	/**
	 * How a handler is protected.
	 *
	 * @param patterns the path patterns
	 * @param methods the HTTP methods; empty for all methods, or for all that no other
	 * entry names
	 * @param handler the class and the method
	 * @param key {@code required}, {@code optional}, {@code exempt}, or
	 * {@code unprotected} if the handler is not protected for another reason
	 * @param manual whether the handler also runs for retries
	 * @param streaming whether the response is streamed and therefore never stored
	 * @param expiry how long responses are kept
	 * @param store the name of the store that keeps the records
	 * @param transactional whether the work is committed together with its response
	 */
	record HandlerDescriptor(List<String> patterns, List<String> methods, String handler, String key,
			@Nullable Boolean manual, @Nullable Boolean streaming, @Nullable String expiry, @Nullable String store,
			@Nullable Boolean transactional) {
	}

}
