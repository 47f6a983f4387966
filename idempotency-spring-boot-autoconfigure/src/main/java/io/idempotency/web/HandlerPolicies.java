package io.idempotency.web;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

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
final class HandlerPolicies implements ProtectedMethods, ProtectedHandlers, SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(HandlerPolicies.class);

	private static final Set<HttpMethod> SAFE_METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS,
			HttpMethod.TRACE);

	private final IdempotencyProperties properties;

	private final Supplier<IdempotencyStore> defaultStore;

	private final ConfigurableListableBeanFactory beanFactory;

	private final Problems problems;

	private final ExpiryConverter expiryConverter = new ExpiryConverter();

	private final TransactionRules transactionRules = new TransactionRules();

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
		this.problems = new Problems(properties);
	}

	@Override
	public void afterSingletonsInstantiated() {
		logger.info("Idempotency keys are kept in " + this.defaultStore.get().getClass().getSimpleName());
		forEachMapping(this::register);
	}

	private void forEachMapping(BiConsumer<RequestMappingInfo, HandlerMethod> consumer) {
		this.beanFactory.getBeansOfType(RequestMappingInfoHandlerMapping.class, true, false)
			.values()
			.forEach((mapping) -> mapping.getHandlerMethods().forEach(consumer));
	}

	private void register(RequestMappingInfo mapping, HandlerMethod handler) {
		Set<RequestMethod> methods = mapping.getMethodsCondition().getMethods();
		Declared declared = declared(handler);
		if (!declared.annotated() && isProtectedByMode(methods)) {
			this.transactionRules.isTransactional(handler, false, this.defaultStore.get());
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
		HttpMethod method = HttpMethod.valueOf(request.getMethod());
		if (handler instanceof HandlerMethod handlerMethod) {
			return policyFor(handlerMethod, method);
		}
		return (handler instanceof HandlerFunction) ? policyForFunctionalEndpoints(method) : null;
	}

	@Override
	public @Nullable HandlerPolicy policyFor(HandlerMethod handler, HttpMethod httpMethod) {
		Declared declared = declared(handler);
		return declared.annotated() ? declared.policy() : byMode(httpMethod, declared.streaming());
	}

	@Override
	public @Nullable HandlerPolicy policyForFunctionalEndpoints(HttpMethod httpMethod) {
		return byMode(httpMethod, false);
	}

	private @Nullable HandlerPolicy byMode(HttpMethod method, boolean streaming) {
		if (this.properties.mode() == Mode.ANNOTATED || !this.properties.methods().contains(method)) {
			return null;
		}
		boolean keyRequired = this.properties.mode() == Mode.REQUIRED && !SAFE_METHODS.contains(method);
		IdempotencyStore store = this.defaultStore.get();
		return new HandlerPolicy(keyRequired, false, streaming, this.properties.expiry(), store,
				TransactionRules.isTransactionalByDefault(store));
	}

	@Override
	public List<Refusal> refusals(HandlerPolicy policy) {
		return this.problems.possibleRefusals(policy);
	}

	@Override
	public List<ProtectedMapping> protectedMappings() {
		List<ProtectedMapping> mappings = new ArrayList<>();
		forEachMapping((mapping, handler) -> policies(mapping, handler).forEach((policy, methods) -> mappings
			.add(new ProtectedMapping(mapping.getPatternValues(), methods, handler, policy))));
		return mappings;
	}

	@Override
	public List<UnprotectedMapping> unprotectedMappings() {
		List<UnprotectedMapping> mappings = new ArrayList<>();
		forEachMapping((mapping, handler) -> {
			Map<HandlerPolicy, Set<HttpMethod>> policies = policies(mapping, handler);
			Set<HttpMethod> unprotected = served(mapping);
			policies.values().forEach(unprotected::removeAll);
			if (policies.isEmpty() || !unprotected.isEmpty()) {
				mappings.add(new UnprotectedMapping(mapping.getPatternValues(), unprotected, handler,
						declared(handler).annotated()));
			}
		});
		return mappings;
	}

	/**
	 * Returns the HTTP methods of a mapping by how they are protected.
	 */
	private Map<HandlerPolicy, Set<HttpMethod>> policies(RequestMappingInfo mapping, HandlerMethod handler) {
		Set<HttpMethod> served = served(mapping);
		Declared declared = declared(handler);
		if (declared.annotated()) {
			HandlerPolicy policy = declared.policy();
			return (policy != null) ? Map.of(policy, served) : Map.of();
		}
		Map<HandlerPolicy, Set<HttpMethod>> policies = new LinkedHashMap<>();
		for (HttpMethod method : this.properties.methods()) {
			HandlerPolicy policy = byMode(method, declared.streaming());
			if (policy != null && (served.isEmpty() || served.contains(method))) {
				policies.computeIfAbsent(policy, (key) -> new TreeSet<>()).add(method);
			}
		}
		return policies;
	}

	private static Set<HttpMethod> served(RequestMappingInfo mapping) {
		return mapping.getMethodsCondition()
			.getMethods()
			.stream()
			.map(RequestMethod::asHttpMethod)
			.collect(Collectors.toCollection(TreeSet::new));
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
		boolean transactional = this.transactionRules.isTransactional(handler, idempotent.transactional(), store);
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
