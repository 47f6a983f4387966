package io.idempotency.web;

import java.util.List;
import java.util.UUID;

import io.idempotency.Idempotent;
import io.idempotency.testing.Runs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Endpoints of every kind that a refused request may be meant for.
 */
@Controller
@Import({ Runs.class, ObservedStores.class })
class RefusedThings {

	private final Runs runs;

	RefusedThings(Runs runs) {
		this.runs = runs;
	}

	/**
	 * Returns a path to each of them.
	 */
	static List<String> paths() {
		String name = UUID.randomUUID().toString();
		return List.of("/body/" + name, "/view/" + name, "/pdf/" + name, "/annotated/" + name, "/functional/" + name);
	}

	@PostMapping("/body/{name}")
	@ResponseBody
	String body(@PathVariable String name) {
		return "run " + this.runs.next(name);
	}

	@PostMapping("/view/{name}")
	String view(@PathVariable String name) {
		this.runs.next(name);
		return "redirect:/";
	}

	@PostMapping(path = "/pdf/{name}", produces = "application/pdf")
	@ResponseBody
	byte[] pdf(@PathVariable String name) {
		this.runs.next(name);
		return new byte[] { 1, 2, 3 };
	}

	@Idempotent
	@RequestMapping("/annotated/{name}")
	@ResponseBody
	String annotated(@PathVariable String name) {
		return body(name);
	}

	@Bean
	static RouterFunction<ServerResponse> functional(Runs runs) {
		return RouterFunctions.route(RequestPredicates.POST("/functional/{name}"),
				(request) -> ServerResponse.ok().body("run " + runs.next(request.pathVariable("name"))));
	}

}
