package io.idempotency.web;

import io.idempotency.testing.Runs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

import static org.springframework.web.bind.annotation.RequestMethod.DELETE;
import static org.springframework.web.bind.annotation.RequestMethod.GET;
import static org.springframework.web.bind.annotation.RequestMethod.HEAD;
import static org.springframework.web.bind.annotation.RequestMethod.OPTIONS;
import static org.springframework.web.bind.annotation.RequestMethod.PATCH;
import static org.springframework.web.bind.annotation.RequestMethod.POST;
import static org.springframework.web.bind.annotation.RequestMethod.PUT;

/**
 * Endpoints without annotations of the starter, for every HTTP method, which count their
 * runs by the last part of the path.
 */
@RestController
@Import(Runs.class)
class Things {

	private final Runs runs;

	Things(Runs runs) {
		this.runs = runs;
	}

	@RequestMapping(path = "/things/{name}", method = { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS })
	ResponseEntity<String> run(@PathVariable String name) {
		int run = this.runs.next(name);
		return ResponseEntity.status(201)
			.header("Location", "/things/" + name + "/" + run)
			.header("X-Run", Integer.toString(run))
			.body("run " + run);
	}

	@Bean
	static RouterFunction<ServerResponse> functionalThings(Runs runs) {
		return RouterFunctions.route(RequestPredicates.path("/functional/{name}"), (request) -> {
			int run = runs.next(request.pathVariable("name"));
			return ServerResponse.status(201).header("X-Run", Integer.toString(run)).body("run " + run);
		});
	}

}
