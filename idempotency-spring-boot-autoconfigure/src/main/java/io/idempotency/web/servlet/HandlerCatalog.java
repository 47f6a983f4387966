package io.idempotency.web.servlet;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.policy.DeclaredPolicy;
import io.idempotency.policy.MethodDescription;
import io.idempotency.policy.ProtectionPolicies;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.policy.ResultKind;
import io.idempotency.policy.ServedMethods;
import io.idempotency.web.IdempotencyProperties.Mode;
import io.idempotency.web.ProtectedHandlers;
import io.idempotency.web.ProtectedMethods;
import io.idempotency.web.gate.Problems;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpMethod;
import org.springframework.util.function.SingletonSupplier;
import org.springframework.web.bind.annotation.MatrixVariable;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;

/**
 * Decides for each handler how it is protected. All handlers are checked when the
 * application starts, so that a mistake in an annotation is found then.
 */
final class HandlerCatalog implements ProtectedMethods, ProtectedHandlers, ServedMethods, SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(HandlerCatalog.class);

	private static final Set<HttpMethod> SAFE_METHODS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS,
			HttpMethod.TRACE);

	private static final Set<HttpMethod> UNSAFE_METHODS = Set.of(HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH,
			HttpMethod.DELETE);

	/**
	 * The package of Spring Boot's own handlers, such as its error page and the actuator,
	 * which are never protected.
	 */
	private static final String FRAMEWORK = "org.springframework.boot.";

	private final CatalogRules rules;

	private final ProtectionPolicies policies;

	private final Problems problems;

	private final SingletonSupplier<MappedHandlers> mapped;

	private final Map<MappedHandlers.HandlerKey, Known> known = new ConcurrentHashMap<>();

	/**
	 * The HTTP methods for which an annotated handler is protected, in addition to the
	 * configured ones.
	 */
	private final Set<HttpMethod> annotatedMethods = new HashSet<>();

	/**
	 * Whether there is an annotated handler that serves all HTTP methods.
	 */
	private boolean annotatedForAllMethods;

	HandlerCatalog(CatalogRules rules, ProtectionPolicies policies, ConfigurableListableBeanFactory beanFactory,
			Problems problems) {
		this.rules = rules;
		this.policies = policies;
		this.problems = problems;
		this.mapped = SingletonSupplier.of(() -> new MappedHandlers(beanFactory));
	}

	@Override
	public void afterSingletonsInstantiated() {
		logger.info("Idempotency keys are kept in " + this.policies.defaultStore().getClass().getSimpleName());
		mapped().forEach(this::register);
	}

	@Override
	public boolean serves(Class<?> type, Method method) {
		return mapped().contains(type, method);
	}

	private void register(RequestMappingInfo mapping, HandlerMethod handler) {
		Known known = known(handler);
		if (known.excluded()) {
			return;
		}
		this.policies.requireHandler(known.method());
		if (known.declared() == null && !byMode(MappedHandlers.methods(mapping), known).isEmpty()) {
			this.policies.checkDefault(known.method());
		}
		Set<HttpMethod> annotated = annotated(MappedHandlers.methods(mapping), known);
		this.annotatedForAllMethods |= !annotated.isEmpty() && MappedHandlers.methods(mapping).isEmpty();
		annotated.forEach((method) -> {
			this.annotatedMethods.add(method);
			if (method == HttpMethod.GET) {
				this.annotatedMethods.add(HttpMethod.HEAD);
			}
		});
	}

	@Override
	public boolean mayProtect(String httpMethod) {
		HttpMethod method = HttpMethod.valueOf(httpMethod);
		return this.annotatedMethods.contains(method) || isProtectedByMode(method)
				|| (this.annotatedForAllMethods && !SAFE_METHODS.contains(method));
	}

	private boolean isProtectedByMode(HttpMethod method) {
		return this.rules.mode() != Mode.ANNOTATED && this.rules.methods().contains(method);
	}

	/**
	 * Returns how a request to a handler is protected.
	 * @return the protection, or {@code null} if the request is not protected
	 */
	@Nullable HandlerProtection protectionOf(Object handler, HttpServletRequest request) {
		if (!(handler instanceof HandlerMethod handlerMethod)) {
			return null;
		}
		Known known = known(handlerMethod);
		ProtectionPolicy policy = policy(known, HttpMethod.valueOf(request.getMethod()));
		return (policy != null) ? new HandlerProtection(policy, known.variant(), known.matrixVariables()) : null;
	}

	@Override
	public @Nullable ProtectionPolicy policyFor(HandlerMethod handler, HttpMethod httpMethod) {
		return policy(known(handler), httpMethod);
	}

	private @Nullable ProtectionPolicy policy(Known known, HttpMethod method) {
		DeclaredPolicy declared = known.declared();
		if (known.excluded() || (declared != null && declared.policy() == null)) {
			return null;
		}
		if (declared != null && known.isAnnotatedFor(method)) {
			return declared.policy();
		}
		return byMode(method, known.method().resultKind() == ResultKind.STREAMING);
	}

	@Override
	public @Nullable ProtectionPolicy policyForFunctionalEndpoints(HttpMethod httpMethod) {
		return byMode(httpMethod, false);
	}

	private @Nullable ProtectionPolicy byMode(HttpMethod method, boolean streaming) {
		if (!isProtectedByMode(method)) {
			return null;
		}
		boolean keyRequired = this.rules.mode() == Mode.REQUIRED && !SAFE_METHODS.contains(method);
		return this.policies.byDefault(keyRequired, streaming);
	}

	@Override
	public List<Refusal> refusals(ProtectionPolicy policy) {
		return this.problems.possibleRefusals(policy);
	}

	@Override
	public List<ProtectedMapping> protectedMappings() {
		List<ProtectedMapping> mappings = new ArrayList<>();
		mapped().forEach((mapping, handler) -> protections(mapping, handler).forEach((policy, methods) -> mappings
			.add(new ProtectedMapping(mapping.getPatternValues(), methods, handler, policy))));
		return mappings;
	}

	@Override
	public List<UnprotectedMapping> unprotectedMappings() {
		List<UnprotectedMapping> mappings = new ArrayList<>();
		mapped().forEach((mapping, handler) -> {
			Map<ProtectionPolicy, Set<HttpMethod>> policies = protections(mapping, handler);
			Set<HttpMethod> unprotected = MappedHandlers.methods(mapping);
			policies.values().forEach(unprotected::removeAll);
			DeclaredPolicy declared = known(handler).declared();
			if (policies.isEmpty() || !unprotected.isEmpty()) {
				mappings.add(new UnprotectedMapping(mapping.getPatternValues(), unprotected, handler,
						declared != null && declared.policy() == null));
			}
		});
		return mappings;
	}

	/**
	 * Returns the protected HTTP methods of a mapping, by policy.
	 */
	private Map<ProtectionPolicy, Set<HttpMethod>> protections(RequestMappingInfo mapping, HandlerMethod handler) {
		Map<ProtectionPolicy, Set<HttpMethod>> protections = new LinkedHashMap<>();
		Known known = known(handler);
		Set<HttpMethod> served = MappedHandlers.methods(mapping);
		Set<HttpMethod> candidates = new TreeSet<>(annotated(served, known));
		candidates.addAll(byMode(served, known));
		for (HttpMethod method : candidates) {
			ProtectionPolicy policy = policy(known, method);
			if (policy != null) {
				protections.computeIfAbsent(policy, (key) -> new TreeSet<>()).add(method);
			}
		}
		return protections;
	}

	private static Set<HttpMethod> annotated(Set<HttpMethod> served, Known known) {
		Set<HttpMethod> methods = new TreeSet<>(served.isEmpty() ? UNSAFE_METHODS : served);
		methods.removeIf((method) -> known.declared() == null || known.declared().policy() == null
				|| !known.isAnnotatedFor(method));
		return methods;
	}

	private Set<HttpMethod> byMode(Set<HttpMethod> served, Known known) {
		Set<HttpMethod> methods = new TreeSet<>(this.rules.methods());
		methods.removeIf((method) -> !isProtectedByMode(method) || known.excluded()
				|| (!served.isEmpty() && !served.contains(method)));
		return methods;
	}

	private MappedHandlers mapped() {
		return this.mapped.obtain();
	}

	private Known known(HandlerMethod handler) {
		MappedHandlers.HandlerKey key = MappedHandlers.HandlerKey.of(handler);
		Known known = this.known.get(key);
		return (known != null) ? known : this.known.computeIfAbsent(key, (newKey) -> read(handler));
	}

	private Known read(HandlerMethod handler) {
		MethodDescription method = new MethodDescription(handler.getBeanType(), handler.getMethod(),
				ResultKinds.of(handler));
		boolean excluded = handler.getBeanType().getName().startsWith(FRAMEWORK)
				|| mapped().isMappedTo(handler, this.rules.errorPath());
		Set<HttpMethod> served = mapped().methodsOf(handler);
		return new Known(method, excluded, excluded ? null : this.policies.declared(method),
				!served.isEmpty() && SAFE_METHODS.containsAll(served), mapped().variantOf(handler),
				Arrays.stream(handler.getMethodParameters()).anyMatch(HandlerCatalog::isMatrixVariable));
	}

	private static boolean isMatrixVariable(MethodParameter parameter) {
		return parameter.hasParameterAnnotation(MatrixVariable.class);
	}

	/**
	 * What is known about a handler method, independently of a request.
	 *
	 * @param method the method
	 * @param excluded whether it is never protected, because it belongs to Spring Boot or
	 * renders the error page
	 * @param declared what its annotations declare
	 * @param servesSafeMethodsOnly whether it serves safe HTTP methods only
	 * @param variant the conditions that distinguish it from others of the same path and
	 * method
	 * @param matrixVariables whether it has a parameter for matrix variables
	 */
	private record Known(MethodDescription method, boolean excluded, @Nullable DeclaredPolicy declared,
			boolean servesSafeMethodsOnly, @Nullable String variant, boolean matrixVariables) {

		/**
		 * Returns whether the annotation applies to an HTTP method. It applies to a safe
		 * method only if it is on a handler method that serves safe methods only.
		 */
		boolean isAnnotatedFor(HttpMethod httpMethod) {
			return this.declared != null
					&& (!SAFE_METHODS.contains(httpMethod) || (this.declared.onMethod() && this.servesSafeMethodsOnly));
		}

	}

}
