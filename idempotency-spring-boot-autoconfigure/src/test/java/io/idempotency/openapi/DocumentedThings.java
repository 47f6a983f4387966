package io.idempotency.openapi;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import org.springdoc.core.annotations.RouterOperation;
import org.springdoc.core.annotations.RouterOperations;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/**
 * Endpoints of every kind that an OpenAPI document may show.
 */
@RestController
@Import(DocumentedThings.Functions.class)
class DocumentedThings {

	@PostMapping("/plain")
	Thing plain(@RequestBody Thing thing) {
		return thing;
	}

	@PutMapping("/put")
	Thing put(@RequestBody Thing thing) {
		return thing;
	}

	@RequestMapping(path = "/both", method = { RequestMethod.GET, RequestMethod.POST })
	Thing both() {
		return new Thing("both");
	}

	@Idempotent
	@PutMapping("/required/{id}")
	Thing required(@PathVariable String id) {
		return new Thing(id);
	}

	@Idempotent(optional = true)
	@PostMapping("/optional")
	Thing optional() {
		return new Thing("optional");
	}

	@Idempotent(manual = true)
	@PostMapping("/manual")
	Thing manual(IdempotencyContext context) {
		return new Thing("manual");
	}

	@IdempotencyExempt
	@PostMapping("/exempt")
	Thing exempt() {
		return new Thing("exempt");
	}

	@PostMapping("/events")
	SseEmitter events() {
		return new SseEmitter();
	}

	@GetMapping("/plain")
	Thing get() {
		return new Thing("get");
	}

	@Idempotent
	@PostMapping(path = "/variants", consumes = MediaType.APPLICATION_JSON_VALUE)
	Thing jsonVariant(@RequestBody Thing thing) {
		return thing;
	}

	@IdempotencyExempt
	@PostMapping(path = "/variants", consumes = MediaType.TEXT_PLAIN_VALUE)
	Thing textVariant(@RequestBody String text) {
		return new Thing(text);
	}

	@Idempotent
	@PostMapping("/documented")
	@Operation(description = "Makes a thing")
	@ApiResponse(responseCode = "201", description = "Made",
			headers = @Header(name = "idempotent-replayed", description = "My own words"))
	@ApiResponse(responseCode = "404", description = "No such shop")
	@ApiResponse(responseCode = "409", description = "The thing is sold out",
			content = @Content(mediaType = "application/json", schema = @Schema(implementation = SoldOut.class)))
	@ApiResponse(responseCode = "422", description = "The thing is wrong",
			content = @Content(mediaType = "application/problem+json",
					schema = @Schema(implementation = ProblemDetail.class)))
	ResponseEntity<Thing> documented(@Parameter(description = "My key") @RequestHeader("idempotency-key") String key) {
		return ResponseEntity.status(201).body(new Thing(key));
	}

	record Thing(String name) {
	}

	record SoldOut(String since) {
	}

	/**
	 * Functional endpoints, which springdoc shows only if they are described.
	 */
	@Component
	static class Functions {

		@Bean
		@RouterOperations({
				@RouterOperation(path = "/function", method = RequestMethod.POST, beanClass = Functions.class,
						beanMethod = "handle"),
				@RouterOperation(path = "/function", method = RequestMethod.GET, beanClass = Functions.class,
						beanMethod = "handle"),
				@RouterOperation(path = "/described-function", method = RequestMethod.POST,
						operation = @Operation(operationId = "described",
								responses = @ApiResponse(responseCode = "200", description = "Done"))) })
		RouterFunction<ServerResponse> functions() {
			return RouterFunctions.route(RequestPredicates.POST("/function"), this::handle)
				.andRoute(RequestPredicates.GET("/function"), this::handle)
				.andRoute(RequestPredicates.POST("/described-function"), this::handle);
		}

		/**
		 * An annotation has no effect on a functional endpoint.
		 */
		@IdempotencyExempt
		ServerResponse handle(ServerRequest request) {
			return ServerResponse.ok().build();
		}

	}

}
