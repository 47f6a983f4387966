package io.idempotency.web;

import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import io.idempotency.testing.Runs;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Endpoints that scripts from another origin call.
 */
@RestController
@Import({ Runs.class, ObservedStores.class })
class CrossOriginThings {

	private final Runs runs;

	CrossOriginThings(Runs runs) {
		this.runs = runs;
	}

	@PostMapping("/things/{name}")
	ResponseEntity<String> post(@PathVariable String name) {
		return ResponseEntity.status(201).body("run " + this.runs.next(name));
	}

	@Idempotent
	@RequestMapping("/any-method/{name}")
	String anyMethod(@PathVariable String name) {
		return "run " + this.runs.next(name);
	}

	@IdempotencyExempt
	@PostMapping("/exempt/{name}")
	String exempt(@PathVariable String name) {
		return "run " + this.runs.next(name);
	}

	@PostMapping("/exposing/{name}")
	String exposing(@PathVariable String name, HttpServletResponse response) {
		response.setHeader("Access-Control-Expose-Headers", "X-Total");
		return "run " + this.runs.next(name);
	}

}
