package io.idempotency.openapi;

import java.util.List;

import io.idempotency.web.ProtectedHandlers.Refusal;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import org.jspecify.annotations.Nullable;

/**
 * Describes the problem documents of refusals, with a schema that all refusals share, and
 * the possible problem types of each status.
 */
final class ProblemContent {

	private static final String PROBLEM = org.springframework.http.MediaType.APPLICATION_PROBLEM_JSON_VALUE;

	private static final String SHARED = "IdempotencyProblem";

	private final Components components;

	ProblemContent(Components components) {
		this.components = components;
	}

	void addTo(ApiResponse response, List<Refusal> refusals) {
		if (this.components.getSchemas() == null || !this.components.getSchemas().containsKey(SHARED)) {
			this.components.addSchemas(SHARED, shared());
		}
		StringSchema type = new StringSchema();
		refusals.forEach((refusal) -> type.addEnumItem(refusal.type().toString()));
		Schema<?> problem = new Schema<>().addAllOfItem(new Schema<>().$ref(SHARED))
			.addAllOfItem(new ObjectSchema().addProperty("type", type));
		Content content = (response.getContent() != null) ? response.getContent() : new Content();
		content.put(PROBLEM, beside(content.get(PROBLEM), problem));
		response.setContent(content);
	}

	/**
	 * Returns the application's own content combined with the problem.
	 */
	private static MediaType beside(@Nullable MediaType own, Schema<?> problem) {
		if (own == null || own.getSchema() == null) {
			return new MediaType().schema(problem);
		}
		MediaType both = new MediaType().schema(new Schema<>().addAnyOfItem(own.getSchema()).addAnyOfItem(problem));
		if (own.getExample() != null) {
			both.setExample(own.getExample());
		}
		both.setExamples(own.getExamples());
		both.setExtensions(own.getExtensions());
		return both;
	}

	private static Schema<?> shared() {
		Schema<?> shared = new ObjectSchema();
		shared.setRequired(List.of("type", "title", "status", "detail"));
		return shared.description("Why a request is refused because of its idempotency key (RFC 9457)")
			.addProperty("type", new StringSchema().format("uri").description("The type of the problem"))
			.addProperty("title", new StringSchema().description("A short summary of the problem"))
			.addProperty("status", new IntegerSchema().description("The status of the response"))
			.addProperty("detail", new StringSchema().description("What the client should do"))
			.addProperty("instance", new StringSchema().format("uri-reference").description("The path of the request"));
	}

}
