package io.idempotency.web.servlet;

import java.util.List;

import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * Registers the hints that a native image needs to read the parts of a router, and to
 * hold a response back after a forward.
 */
final class ServletRuntimeHints implements RuntimeHintsRegistrar {

	private static final String ROUTERS = "org.springframework.web.servlet.function.RouterFunction";

	private static final List<String> ROUTER_TYPES = List.of("Builder$BuiltRouterFunction",
			"s$AttributesRouterFunction", "s$DefaultNestedRouterFunction", "s$DefaultRouterFunction",
			"s$DifferentComposedRouterFunction", "s$FilteredRouterFunction", "s$SameComposedRouterFunction");

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		ROUTER_TYPES.forEach((name) -> hints.reflection()
			.registerTypeIfPresent(classLoader, ROUTERS + name, MemberCategory.ACCESS_DECLARED_FIELDS));
		hints.proxies().registerJdkProxy(HttpServletResponse.class);
	}

}
