package io.idempotency.web;

import java.lang.reflect.Method;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import io.idempotency.Idempotent;
import io.idempotency.store.Expiry;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.web.IdempotencyProperties.Mode;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeansException;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.http.HttpMethod;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/**
 * Knows for each handler how it is protected. All handlers are looked at when the
 * application starts, so that a mistake in an annotation is found then.
 */
final class HandlerPolicies implements ProtectedMethods, SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(HandlerPolicies.class);

	private static final Set<HttpMethod> SAFE_METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS,
			HttpMethod.TRACE);

	private final IdempotencyProperties properties;

	private final Supplier<IdempotencyStore> defaultStore;

	private final ConfigurableListableBeanFactory beanFactory;

	private final ExpiryConverter expiryConverter = new ExpiryConverter();

	private final Map<HandlerKey, Declared> declared = new ConcurrentHashMap<>();

	/**
	 * The HTTP methods that an annotated handler serves, besides the configured ones.
	 */
	private final Set<HttpMethod> annotatedMethods = new HashSet<>();

	private boolean annotatedForAllMethods;

	/**
	 * Creates the policies.
	 * @param defaultStore called when all beans are there: the filter, which knows the
	 * policies, is made early, and must not take a connection to a store with it
	 */
	HandlerPolicies(IdempotencyProperties properties, Supplier<IdempotencyStore> defaultStore,
			ConfigurableListableBeanFactory beanFactory) {
		this.properties = properties;
		this.defaultStore = SingletonSupplier.of(defaultStore);
		this.beanFactory = beanFactory;
	}

	@Override
	public void afterSingletonsInstantiated() {
		logger.info("Idempotency keys are kept in " + this.defaultStore.get().getClass().getSimpleName());
		this.beanFactory.getBeansOfType(RequestMappingInfoHandlerMapping.class, true, false)
			.values()
			.forEach((mapping) -> mapping.getHandlerMethods().forEach(this::register));
	}

	private void register(RequestMappingInfo mapping, HandlerMethod handler) {
		Set<RequestMethod> methods = mapping.getMethodsCondition().getMethods();
		Declared declared = declared(handler);
		if (!declared.annotated() && isProtectedByMode(methods)) {
			TransactionRules.isTransactional(handler, false, this.defaultStore.get());
		}
		if (declared.policy() != null) {
			methods.forEach((method) -> this.annotatedMethods.add(method.asHttpMethod()));
			this.annotatedForAllMethods |= methods.isEmpty();
			if (methods.contains(RequestMethod.GET)) {
				this.annotatedMethods.add(HttpMethod.HEAD);
			}
		}
	}

	private boolean isProtectedByMode(Set<RequestMethod> methods) {
		return this.properties.mode() != Mode.ANNOTATED && (methods.isEmpty()
				|| methods.stream().anyMatch((method) -> this.properties.methods().contains(method.asHttpMethod())));
	}

	@Override
	public boolean mayProtect(String httpMethod) {
		HttpMethod method = HttpMethod.valueOf(httpMethod);
		return this.annotatedForAllMethods || this.annotatedMethods.contains(method)
				|| (this.properties.mode() != Mode.ANNOTATED && this.properties.methods().contains(method));
	}

	/**
	 * Returns how a request to a handler is protected.
	 * @return {@code null} if it is not
	 */
	@Nullable HandlerPolicy policyFor(Object handler, HttpServletRequest request) {
		if (handler instanceof HandlerMethod handlerMethod) {
			Declared declared = declared(handlerMethod);
			return declared.annotated() ? declared.policy() : byMode(request, declared.streaming());
		}
		return (handler instanceof HandlerFunction) ? byMode(request, false) : null;
	}

	private @Nullable HandlerPolicy byMode(HttpServletRequest request, boolean streaming) {
		HttpMethod method = HttpMethod.valueOf(request.getMethod());
		if (this.properties.mode() == Mode.ANNOTATED || !this.properties.methods().contains(method)) {
			return null;
		}
		boolean keyRequired = this.properties.mode() == Mode.REQUIRED && !SAFE_METHODS.contains(method);
		IdempotencyStore store = this.defaultStore.get();
		return new HandlerPolicy(keyRequired, false, streaming, this.properties.expiry(), store,
				TransactionRules.isTransactionalByDefault(store));
	}

	private Declared declared(HandlerMethod handler) {
		return this.declared.computeIfAbsent(new HandlerKey(handler.getBeanType(), handler.getMethod()),
				(key) -> read(handler));
	}

	private Declared read(HandlerMethod handler) {
		DeclaredProtection protection = DeclaredProtection.of(handler);
		boolean streaming = ReturnKind.of(handler) == ReturnKind.STREAMING;
		if (protection == null) {
			return new Declared(false, streaming, null);
		}
		Idempotent idempotent = protection.idempotent();
		if (idempotent == null) {
			return new Declared(true, streaming, null);
		}
		if (streaming) {
			throw new InvalidIdempotencyConfigurationException(
					"%s is @Idempotent, but streams its response, which cannot be stored."
						.formatted(DeclaredProtection.describe(handler)),
					"Remove @Idempotent, or return the whole response at once.");
		}
		IdempotencyStore store = store(idempotent, handler);
		boolean transactional = TransactionRules.isTransactional(handler, idempotent.transactional(), store);
		return new Declared(true, false, new HandlerPolicy(!idempotent.optional(), idempotent.manual(), false,
				expiry(idempotent, handler), store, transactional));
	}

	private Expiry expiry(Idempotent idempotent, HandlerMethod handler) {
		if (idempotent.expiry().isEmpty()) {
			return this.properties.expiry();
		}
		try {
			return this.expiryConverter.convert(resolve(idempotent.expiry()));
		}
		catch (IllegalArgumentException ex) {
			throw new InvalidIdempotencyConfigurationException("%s has @Idempotent(expiry = \"%s\"): %s."
				.formatted(DeclaredProtection.describe(handler), idempotent.expiry(), ex.getMessage()),
					"Give a duration such as PT5M or 5m, or never.");
		}
	}

	private IdempotencyStore store(Idempotent idempotent, HandlerMethod handler) {
		if (idempotent.store().isEmpty()) {
			return this.defaultStore.get();
		}
		try {
			return this.beanFactory.getBean(resolve(idempotent.store()), IdempotencyStore.class);
		}
		catch (BeansException | IllegalArgumentException ex) {
			String names = String.join(", ", this.beanFactory.getBeanNamesForType(IdempotencyStore.class));
			throw new InvalidIdempotencyConfigurationException(
					"%s has @Idempotent(store = \"%s\"), but there is no such store: %s."
						.formatted(DeclaredProtection.describe(handler), idempotent.store(), ex.getMessage()),
					"Name one of the IdempotencyStore beans (" + names + "), or remove the attribute.");
		}
	}

	private String resolve(String text) {
		String resolved = this.beanFactory.resolveEmbeddedValue(text);
		return (resolved != null) ? resolved : "";
	}

	private record HandlerKey(Class<?> beanType, Method method) {
	}

	/**
	 * What is known of a handler method whatever the request.
	 *
	 * @param annotated whether an annotation decides, not the mode
	 * @param streaming whether the response is streamed
	 * @param policy how the annotation protects the handler; {@code null} if not at all
	 */
	private record Declared(boolean annotated, boolean streaming, @Nullable HandlerPolicy policy) {
	}

}
