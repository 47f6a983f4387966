package io.idempotency.gauntlet;

import java.util.Map;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Functional endpoints, without filters and with them.
 */
@Configuration(proxyBeanMethods = false)
class Routes {

	@Bean
	RouterFunction<ServerResponse> plainRoutes(Ledger ledger) {
		return RouterFunctions.route().POST("/r/object", (request) -> {
			ledger.charge();
			return ServerResponse.status(201).header("X-Many", "one", "two").body(Map.of("routed", true));
		}).POST("/r/view", (request) -> {
			ledger.charge();
			return ServerResponse.ok().render("gauntlet/view", Map.of("greeting", "Hello"));
		}).POST("/r/written", (request) -> {
			ledger.charge();
			return ServerResponse.ok().build((servletRequest, response) -> {
				response.setContentType("text/plain;charset=UTF-8");
				response.getWriter().write("written");
				return null;
			});
		}).POST("/r/throw", (request) -> {
			ledger.charge();
			throw new ResponseStatusException(HttpStatus.CONFLICT);
		}).POST("/r/broken-getter", (request) -> {
			ledger.charge();
			return ServerResponse.ok().body(new Handlers.Broken());
		}).build();
	}

	@Bean
	RouterFunction<ServerResponse> filteredRoutes(Ledger ledger) {
		return RouterFunctions.route().filter((request, next) -> {
			if (request.headers().firstHeader("X-Refused") != null) {
				return ServerResponse.status(401).body("Who are you?");
			}
			return next.handle(request);
		}).after((request, response) -> {
			request.servletRequest().setAttribute("after", response.statusCode());
			return response;
		}).POST("/f/object", (request) -> {
			ledger.charge();
			return ServerResponse.ok().body(Map.of("filtered", true));
		}).POST("/f/refused", (request) -> {
			ledger.charge();
			return ServerResponse.ok().body("not reached");
		}).POST("/f/throw", (request) -> {
			ledger.charge();
			throw new IllegalArgumentException("The handler refuses");
		}).onError(IllegalArgumentException.class, (ex, request) -> ServerResponse.status(422).body("refused")).build();
	}

}
