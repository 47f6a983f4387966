package io.idempotency.openapi;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.ProtectedHandlers;
import io.idempotency.web.ProtectedHandlers.Refusal;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.GlobalOperationCustomizer;
import org.springdoc.core.fn.RouterFunctionData;
import org.springdoc.core.providers.RouterFunctionProvider;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.http.HttpMethod;
import org.springframework.util.ObjectUtils;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.method.HandlerMethod;

/**
 * Finds the protected operations of an OpenAPI document, and describes their protection.
 * This needs both the handler of an operation, which is known when the operation is
 * created, and its HTTP method, which is known when the document is complete.
 * <p>
 * The application's customizers without an order run later and can change the result.
 */
final class IdempotencyOpenApiCustomizer implements GlobalOperationCustomizer, GlobalOpenApiCustomizer, Ordered {

	/**
	 * Keeps the names of the handlers in their operation until the document is complete.
	 */
	private static final String HANDLERS = "x-idempotency-handlers";

	private static final String FRAMEWORK = "org.springframework.boot.";

	private final ProtectedHandlers handlers;

	private final IdempotencyProperties properties;

	private final int maxKeyLength;

	private final ObjectProvider<RouterFunctionProvider> routerFunctions;

	private final Map<String, HandlerMethod> handlersByName = new ConcurrentHashMap<>();

	IdempotencyOpenApiCustomizer(ProtectedHandlers handlers, IdempotencyProperties properties, int maxKeyLength,
			ObjectProvider<RouterFunctionProvider> routerFunctions) {
		this.handlers = handlers;
		this.properties = properties;
		this.maxKeyLength = maxKeyLength;
		this.routerFunctions = routerFunctions;
	}

	@Override
	public int getOrder() {
		return 0;
	}

	/**
	 * Remembers the handler of an operation. Handlers that differ only in their media
	 * types share an operation. Handlers of Spring Boot, such as the actuator, are
	 * ignored, because they are never protected.
	 */
	@Override
	public Operation customize(Operation operation, HandlerMethod handler) {
		if (handler.getBeanType().getName().startsWith(FRAMEWORK)) {
			return operation;
		}
		List<Object> names = new ArrayList<>(namesOfHandlers(operation));
		names.add(handler.toString());
		this.handlersByName.put(handler.toString(), handler);
		operation.addExtension(HANDLERS, names);
		return operation;
	}

	private static List<?> namesOfHandlers(Operation operation) {
		Map<String, Object> extensions = operation.getExtensions();
		return (extensions != null && extensions.get(HANDLERS) instanceof List<?> names) ? names : List.of();
	}

	@Override
	public void customise(OpenAPI document) {
		if (document.getPaths() == null) {
			return;
		}
		if (document.getComponents() == null) {
			document.setComponents(new Components());
		}
		OperationDescriber describer = new OperationDescriber(this.properties, this.maxKeyLength,
				document.getComponents());
		Set<Endpoint> functional = functionalEndpoints();
		document.getPaths().forEach((path, item) -> item.readOperationsMap().forEach((method, operation) -> {
			List<HandlerMethod> annotated = takeHandlers(operation);
			HttpMethod httpMethod = HttpMethod.valueOf(method.name());
			OperationProtection protection = functional.contains(new Endpoint(path, httpMethod))
					? protection(Stream.of(this.handlers.policyForFunctionalEndpoints(httpMethod)))
					: protection(annotated.stream().map((handler) -> this.handlers.policyFor(handler, httpMethod)));
			if (protection != null) {
				describer.describe(operation, protection);
			}
		}));
	}

	private List<HandlerMethod> takeHandlers(Operation operation) {
		List<?> names = namesOfHandlers(operation);
		Map<String, Object> extensions = operation.getExtensions();
		if (extensions != null && extensions.remove(HANDLERS) != null && extensions.isEmpty()) {
			operation.setExtensions(null);
		}
		List<HandlerMethod> handlers = new ArrayList<>();
		for (Object name : names) {
			HandlerMethod handler = this.handlersByName.get(name);
			if (handler != null) {
				handlers.add(handler);
			}
		}
		return handlers;
	}

	/**
	 * Returns how an operation is protected.
	 * @param policies the policies of its handlers, with {@code null} for a handler that
	 * is not protected
	 */
	private @Nullable OperationProtection protection(Stream<@Nullable ProtectionPolicy> policies) {
		List<@Nullable ProtectionPolicy> all = policies.toList();
		List<ProtectionPolicy> present = all.stream().filter(Objects::nonNull).toList();
		if (present.isEmpty()) {
			return null;
		}
		boolean keyRequired = all.stream().allMatch((policy) -> policy != null && policy.keyRequired());
		List<Refusal> refusals = present.stream()
			.flatMap((policy) -> this.handlers.refusals(policy).stream())
			.distinct()
			.toList();
		return new OperationProtection(keyRequired, present.get(0), refusals);
	}

	/**
	 * Returns the endpoints of router functions, as springdoc reports them.
	 */
	private Set<Endpoint> functionalEndpoints() {
		RouterFunctionProvider provider = this.routerFunctions.getIfAvailable();
		Set<Endpoint> endpoints = new HashSet<>();
		if (provider != null) {
			provider.getRouterFunctionPaths()
				.ifPresent((visitors) -> visitors.values()
					.forEach((visitor) -> visitor.getRouterFunctionDatas().forEach((data) -> addTo(endpoints, data))));
		}
		return endpoints;
	}

	private static void addTo(Set<Endpoint> endpoints, RouterFunctionData data) {
		RequestMethod[] methods = ObjectUtils.isEmpty(data.getMethods()) ? RequestMethod.values() : data.getMethods();
		for (RequestMethod method : methods) {
			endpoints.add(new Endpoint(data.getPath(), method.asHttpMethod()));
		}
	}

	private record Endpoint(String path, HttpMethod httpMethod) {
	}

}
