package io.idempotency.web.servlet;

import java.util.Optional;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.web.servlet.function.HandlerFilterFunction;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.RequestPredicate;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Rebuilds routers so that their endpoints are protected behind the filters of the
 * router.
 * <p>
 * Visitors of a router do not see its filters, so its parts are read from its fields. A
 * router of another kind, for example a custom one, is protected as a whole: filters
 * inside it do not see replays.
 */
final class ProtectedRouterFunctions {

	private static final Log logger = LogFactory.getLog(ProtectedRouterFunctions.class);

	private final FunctionalProtection protection;

	ProtectedRouterFunctions(FunctionalProtection protection) {
		this.protection = protection;
	}

	/**
	 * Returns a router with the same routes and filters, whose endpoints are protected.
	 */
	RouterFunction<ServerResponse> protect(RouterFunction<?> router) {
		return protect(router, null);
	}

	/**
	 * Returns a router with the same routes and filters, whose endpoints are protected.
	 * @param variant the conditions of the enclosing routers
	 */
	private RouterFunction<ServerResponse> protect(RouterFunction<?> router, @Nullable String variant) {
		RouterFunction<ServerResponse> rebuilt = null;
		try {
			rebuilt = rebuild(RouterParts.of(router), variant);
		}
		catch (RuntimeException ex) {
			logger.warn(
					"The parts of a router cannot be read. It is protected as a whole, and its filters do not see replays: "
							+ router,
					ex);
		}
		return (rebuilt != null) ? rebuilt : new ProtectedRouter(router, this.protection);
	}

	private @Nullable RouterFunction<ServerResponse> rebuild(RouterParts parts, @Nullable String variant) {
		return switch (parts.kind()) {
			case "DefaultRouterFunction" -> route(parts, variant);
			case "FilteredRouterFunction" -> filtered(parts, variant);
			case "SameComposedRouterFunction", "DifferentComposedRouterFunction",
					"BuiltRouterFunction" ->
				parts.routers()
					.stream()
					.map((router) -> protect(router, variant))
					.reduce(RouterFunction::and)
					.orElseThrow();
			case "DefaultNestedRouterFunction" -> nested(parts, variant);
			case "AttributesRouterFunction" ->
				protect(parts.router(), variant).withAttributes((attributes) -> attributes.putAll(parts.attributes()));
			default -> null;
		};
	}

	@SuppressWarnings("unchecked")
	private RouterFunction<ServerResponse> filtered(RouterParts parts, @Nullable String variant) {
		return protect(parts.router(), variant).filter(parts.get(HandlerFilterFunction.class));
	}

	private RouterFunction<ServerResponse> nested(RouterParts parts, @Nullable String variant) {
		RequestPredicate predicate = parts.get(RequestPredicate.class);
		return RouterFunctions.nest(predicate, protect(parts.router(), PredicateVariant.of(predicate, variant)));
	}

	private RouterFunction<ServerResponse> route(RouterParts parts, @Nullable String variant) {
		RequestPredicate predicate = parts.get(RequestPredicate.class);
		return RouterFunctions.route(predicate, new ProtectedHandlerFunction(parts.get(HandlerFunction.class),
				PredicateVariant.of(predicate, variant), this.protection));
	}

	/**
	 * A router that is protected as a whole, because its parts are not known.
	 */
	private record ProtectedRouter(RouterFunction<?> router,
			FunctionalProtection protection) implements RouterFunction<ServerResponse> {

		@Override
		public Optional<HandlerFunction<ServerResponse>> route(ServerRequest request) {
			return this.router.route(request)
				.map((handler) -> new ProtectedHandlerFunction(handler, null, this.protection));
		}

		@Override
		public void accept(RouterFunctions.Visitor visitor) {
			this.router.accept(visitor);
		}

	}

}
