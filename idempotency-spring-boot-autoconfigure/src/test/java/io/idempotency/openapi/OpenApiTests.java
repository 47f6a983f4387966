package io.idempotency.openapi;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.parameters.HeaderParameter;
import io.swagger.v3.oas.models.responses.ApiResponse;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springdoc.core.models.GroupedOpenApi;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the OpenAPI documents of an application say of idempotency keys.
 */
@Tag("compatibility")
class OpenApiTests {

	private static final String PROBLEM = "urn:idempotency:problem:";

	@ParameterizedTest
	@CsvSource({ "post, /plain, false", "post, /both, false", "put, /required/{id}, true", "post, /optional, false",
			"post, /manual, true", "post, /events, false", "post, /documented, true", "post, /function, false",
			"post, /described-function, false" })
	@DisplayName("O2: every protected operation shows the header, required where it is")
	void showsHeaderOfProtectedOperation(String method, String path, boolean required) {
		JsonNode operation = operation(document(), method, path);
		List<JsonNode> keys = operation.path("parameters")
			.valueStream()
			.filter((parameter) -> parameter.path("name").asString().equalsIgnoreCase("Idempotency-Key"))
			.toList();
		assertThat(keys).singleElement().satisfies((key) -> {
			assertThat(key.path("in").asString()).isEqualTo("header");
			assertThat(key.path("required").asBoolean()).isEqualTo(required);
			assertThat(key.path("description").asString()).isNotBlank();
			assertThat(key.path("schema").path("type").asString()).isEqualTo("string");
			assertThat(key.path("schema").path("maxLength").asInt()).isEqualTo(255);
			assertThat(key.path("schema").has("format")).isFalse();
		});
		assertThat(statuses(operation)).contains("409", "422", "503");
		assertThat(types(operation, "400")).isEqualTo(required ? Set.of(PROBLEM + "key-missing") : Set.of());
	}

	@ParameterizedTest
	@CsvSource({ "get, /plain", "get, /both", "put, /put", "post, /exempt", "get, /function" })
	@DisplayName("O2: exempt handlers and other methods show nothing")
	void showsNothingOfUnprotectedOperation(String method, String path) {
		assertThat(operation(document(), method, path).toString()).doesNotContainIgnoringCase("idempoten");
		assertThat(statuses(operation(document(), method, path))).containsExactly("200");
	}

	@ParameterizedTest
	@CsvSource({ "required, post, /plain, true", "required, put, /put, false", "required, post, /function, true",
			"required, post, /both, true", "annotated, post, /plain, false", "annotated, post, /function, false",
			"annotated, put, /required/{id}, true" })
	@DisplayName("O2, M2, M3: the mode decides where no annotation does")
	void followsMode(String mode, String method, String path, boolean required) {
		JsonNode operation = operation(document("idempotency.mode=" + mode), method, path);
		assertThat(key(operation, "Idempotency-Key").path("required").asBoolean(false)).isEqualTo(required);
		assertThat(types(operation, "400").contains(PROBLEM + "key-missing")).isEqualTo(required);
		assertThat(operation.toString().contains("Idempotency-Key")).isEqualTo(required);
	}

	@Test
	@DisplayName("O2: of handlers that are one operation, all are shown")
	void showsVariantsOfOperation() {
		JsonNode operation = operation(document(), "post", "/variants");
		assertThat(key(operation, "Idempotency-Key").path("required").asBoolean(true)).isFalse();
		assertThat(types(operation, "400")).containsExactly(PROBLEM + "key-missing");
	}

	@Test
	@DisplayName("O2: what a handler is given of the key is no parameter of the operation")
	void leavesContextOut() {
		JsonNode document = document();
		assertThat(operation(document, "post", "/manual").path("parameters").valueStream())
			.extracting((parameter) -> parameter.path("name").asString())
			.containsExactly("Idempotency-Key");
		assertThat(document.path("components").path("schemas").propertyNames()).doesNotContain("IdempotencyContext");
	}

	@Test
	@DisplayName("O2: there is no example of a key, which Swagger UI would fill in for everybody")
	void hasNoExampleOfKey() {
		for (String uuid : List.of("false", "true")) {
			JsonNode key = key(operation(document("idempotency.enforce-uuid=" + uuid), "post", "/plain"),
					"Idempotency-Key");
			assertThat(key.findValues("example")).isEmpty();
			assertThat(key.findValues("examples")).isEmpty();
			assertThat(key.findValues("default")).isEmpty();
		}
	}

	@Test
	@DisplayName("O2: the header is described in words")
	void describesHeader() {
		JsonNode document = document();
		assertThat(description(document, "put", "/required/{id}")).isEqualTo(
				"A request that is repeated with the same key gets the first response and is not processed again. "
						+ "Send a new key for each operation, and the same key with each retry of the operation. "
						+ "The key is a random UUID, or other text of at most 255 characters.");
		assertThat(description(document, "post", "/plain"))
			.contains("retry of the operation; without a key, each request is processed. The key is");
		assertThat(description(document, "post", "/manual")).contains("is recognized as a retry");
		assertThat(description(document, "post", "/events")).contains("is refused and is not processed again");
	}

	@Test
	@DisplayName("O2, K1, K4, K5: name, form and length of the key are what the properties say")
	void showsRulesOfKey() {
		JsonNode operation = operation(document("idempotency.key-header=X-Key", "idempotency.enforce-uuid=true",
				"idempotency.max-key-length=36", "idempotency.replay-header=X-Replayed"), "post", "/plain");
		JsonNode key = key(operation, "X-Key");
		assertThat(key.path("schema").path("format").asString()).isEqualTo("uuid");
		assertThat(key.path("schema").path("maxLength").asInt()).isEqualTo(36);
		assertThat(key.path("description").asString()).endsWith(" The key is a UUID of version 4.");
		assertThat(headers(operation, "200")).containsExactly("X-Replayed");
		assertThat(operation.toString()).doesNotContain("Idempotency-Key", "Idempotent-Replayed");
	}

	@Test
	@DisplayName("O2, K6, K7: quotes that are needed, and a parameter that may carry the key instead")
	void showsOtherWaysToSendKey() {
		JsonNode key = key(
				operation(
						document("idempotency.key-syntax=strict", "idempotency.key-parameter=key",
								"idempotency.enforce-uuid=true", "idempotency.max-key-length=40"),
						"put", "/required/{id}"),
				"Idempotency-Key");
		assertThat(key.path("required").asBoolean()).isFalse();
		assertThat(key.path("description").asString()).contains("The key is a UUID of version 4, in double quotes.",
				"The parameter `key`");
		assertThat(key.path("schema").path("maxLength").asInt()).isEqualTo(42);
		assertThat(key.path("schema").has("format")).isFalse();
	}

	@Test
	@DisplayName("O2, K5: where no UUID fits, none is suggested")
	void suggestsNoKeyThatIsTooLong() {
		assertThat(description(document("idempotency.max-key-length=35"), "post", "/plain"))
			.endsWith(" The key is text of at most 35 characters.");
	}

	@ParameterizedTest
	@ValueSource(
			strings = { "idempotency.mode=optional", "idempotency.enforce-uuid=true", "idempotency.key-syntax=strict" })
	@DisplayName("O2: no document has a key that pages which send requests would fill in for everybody")
	void showsNoExampleOfKey(String property) {
		JsonNode key = key(operation(document(property), "post", "/plain"), "Idempotency-Key");
		for (JsonNode node : List.of(key, key.path("schema"))) {
			assertThat(node.isObject()).isTrue();
			assertThat(node.propertyNames()).doesNotContain("example", "examples", "default", "enum", "const");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "optional", "required" })
	@DisplayName("O2: operations of the actuator show nothing, since no key has an effect on them")
	void showsNothingOfActuator(String mode) {
		JsonNode document = document("idempotency.mode=" + mode, "idempotency.methods=GET, POST, DELETE",
				"springdoc.show-actuator=true", "test.actuator=true", "management.endpoints.web.exposure.include=*",
				"management.endpoint.idempotency.access=unrestricted");
		Map<String, JsonNode> operations = new TreeMap<>();
		document.path("paths")
			.properties()
			.stream()
			.filter((path) -> path.getKey().startsWith("/actuator"))
			.forEach((path) -> path.getValue()
				.properties()
				.forEach((method) -> operations.put(method.getKey() + " " + path.getKey(), method.getValue())));
		assertThat(operations).containsKeys("get /actuator/health", "post /actuator/loggers/{name}")
			.allSatisfy((name, operation) -> {
				assertThat(key(operation, "Idempotency-Key").isObject()).as(name).isFalse();
				assertThat(operation.path("responses").toString()).as(name).doesNotContainIgnoringCase("idempoten");
				assertThat(operation.toString()).as(name).doesNotContain("x-idempotency");
			});
		assertThat(key(operation(document, "post", "/plain"), "Idempotency-Key").isObject()).isTrue();
	}

	@Test
	@DisplayName("O2, E1: each added response has its problem types, and Retry-After where it is sent")
	void showsAddedResponses() {
		JsonNode operation = operation(document(), "put", "/required/{id}");
		assertThat(statuses(operation)).containsExactlyInAnyOrder("200", "400", "409", "422", "503");
		assertThat(types(operation, "400")).containsExactly(PROBLEM + "key-missing");
		assertThat(types(operation, "409")).containsExactly(PROBLEM + "in-progress", PROBLEM + "response-not-stored");
		assertThat(types(operation, "422")).containsExactly(PROBLEM + "key-invalid", PROBLEM + "key-reused");
		assertThat(types(operation, "503")).containsExactly(PROBLEM + "store-unavailable");
		assertThat(headers(operation, "400")).isEmpty();
		assertThat(headers(operation, "409")).containsExactly("Retry-After");
		assertThat(headers(operation, "422")).isEmpty();
		assertThat(headers(operation, "503")).containsExactly("Retry-After");
		assertThat(response(operation, "409").path("description").asString()).contains(
				"`in-progress`: The first request with this idempotency key is still in progress",
				"`response-not-stored`: The first response was not stored");
	}

	@Test
	@DisplayName("O2, E1: a refused client gets what the document says")
	void describesWhatIsAnswered() {
		TestApp app = app(List.of());
		JsonNode document = document(app, "/v3/api-docs");
		HttpResponse<byte[]> response = app.send(app.request("PUT", "/required/1", null, new byte[0]).build());
		JsonNode problem = JsonMapper.shared().readTree(response.body());
		assertThat(types(operation(document, "put", "/required/{id}"), Integer.toString(response.statusCode())))
			.contains(problem.path("type").asString());
		JsonNode schema = document.path("components").path("schemas").path("IdempotencyProblem");
		assertThat(schema.path("properties").propertyNames())
			.containsExactlyInAnyOrderElementsOf(problem.propertyNames());
		assertThat(schema.path("required").valueStream().map(JsonNode::asString)).isNotEmpty()
			.allSatisfy((name) -> assertThat(problem.has(name)).isTrue());
	}

	@Test
	@DisplayName("O2, E1, C3, C7: statuses and types are those of the properties")
	void showsConfiguredStatuses() {
		String base = "https://example.org/errors#";
		JsonNode operation = operation(
				document("idempotency.missing-key-status=428", "idempotency.invalid-key-status=400",
						"idempotency.mismatch-status=412", "idempotency.conflict-status=423",
						"idempotency.wait-timeout=30s", "idempotency.wait-timeout-status=408",
						"idempotency.on-abandoned=refuse", "idempotency.problem-base-uri=https://example.org/errors"),
				"put", "/required/{id}");
		assertThat(types(operation, "428")).containsExactly(base + "key-missing");
		assertThat(types(operation, "400")).containsExactly(base + "key-invalid");
		assertThat(types(operation, "412")).containsExactly(base + "key-reused");
		assertThat(types(operation, "408")).containsExactly(base + "wait-timeout");
		assertThat(headers(operation, "408")).containsExactly("Retry-After");
		assertThat(types(operation, "423")).containsExactly(base + "outcome-unknown");
		assertThat(headers(operation, "423")).isEmpty();
		assertThat(types(operation, "409")).containsExactly(base + "response-not-stored");
		assertThat(headers(operation, "409")).isEmpty();
		assertThat(types(operation, "503")).containsExactly(base + "store-unavailable");
	}

	@Test
	@DisplayName("O2, F2: without a fingerprint no key is refused as reused")
	void leavesOutWhatCannotHappen() {
		assertThat(types(operation(document("idempotency.fingerprint="), "post", "/plain"), "422"))
			.containsExactly(PROBLEM + "key-invalid");
	}

	@Test
	@DisplayName("O2, R2, S1: the replay header is on the responses that are stored")
	void showsReplayHeader() {
		JsonNode operation = operation(document(), "post", "/documented");
		assertThat(headers(operation, "404")).isEmpty();
		JsonNode errorsToo = operation(document("idempotency.store-on-statuses=200-599"), "post", "/documented");
		assertThat(headers(errorsToo, "404")).containsExactly("Idempotent-Replayed");
		assertThat(headers(errorsToo, "503")).containsExactly("Retry-After");
		for (String path : List.of("/manual", "/events")) {
			assertThat(headers(operation(document(), "post", path), "200")).as(path).isEmpty();
		}
	}

	@Test
	@DisplayName("O2, R5: with replay-status, the replay header is on the response with that status")
	void showsReplayStatus() {
		JsonNode document = document("idempotency.replay-status=208");
		JsonNode operation = operation(document, "post", "/plain");
		assertThat(headers(operation, "200")).isEmpty();
		assertThat(headers(operation, "208")).containsExactly("Idempotent-Replayed");
		assertThat(response(operation, "208").path("content")).isEqualTo(response(operation, "200").path("content"));
		assertThat(statuses(operation(document, "post", "/manual"))).doesNotContain("208");
		JsonNode conflict = operation(document("idempotency.replay-status=409"), "post", "/documented");
		assertThat(headers(conflict, "409")).containsExactlyInAnyOrder("Idempotent-Replayed", "Retry-After");
		assertThat(response(conflict, "409").path("content").propertyNames()).containsExactlyInAnyOrder("*/*",
				"application/json", "application/problem+json");
	}

	@Test
	@DisplayName("O2, P1: a manual handler answers its retries itself")
	void showsNoMissingReplayOfManualHandler() {
		assertThat(types(operation(document(), "post", "/manual"), "409")).containsExactly(PROBLEM + "in-progress");
	}

	@Test
	@DisplayName("O2: what the application documents by itself stays")
	void keepsWhatApplicationDocuments() {
		JsonNode operation = operation(document(), "post", "/documented");
		assertThat(key(operation, "idempotency-key").path("description").asString()).isEqualTo("My key");
		assertThat(response(operation, "201").path("headers").propertyNames()).containsExactly("idempotent-replayed");
		JsonNode conflict = response(operation, "409");
		assertThat(conflict.path("description").asString()).startsWith("The thing is sold out\n\n")
			.contains("`in-progress`");
		assertThat(conflict.path("content").path("application/json").path("schema").path("$ref").asString())
			.endsWith("/SoldOut");
		assertThat(types(operation, "409")).containsExactly(PROBLEM + "in-progress", PROBLEM + "response-not-stored");
		JsonNode wrong = response(operation, "422").path("content").path("application/problem+json");
		assertThat(wrong.propertyNames()).containsExactly("schema");
		assertThat(wrong.path("schema").path("anyOf").path(0).path("$ref").asString()).endsWith("/ProblemDetail");
		assertThat(wrong.path("schema").path("anyOf").path(1).toString()).contains(PROBLEM + "key-reused");
	}

	@Test
	@DisplayName("O2: what operations of the application have in common is added to for each of them")
	void addsToWhatOperationsShare() {
		JsonNode document = document(app(List.of(SharedDescriptions.class, Referring.class)), "/v3/api-docs");
		JsonNode referring = operation(document, "post", "/referring");
		assertThat(referring.path("parameters").valueStream()).singleElement()
			.satisfies((parameter) -> assertThat(parameter.path("$ref").asString())
				.isEqualTo("#/components/parameters/Key"));
		for (JsonNode operation : List.of(referring, operation(document, "post", "/plain"),
				operation(document, "put", "/required/{id}"))) {
			JsonNode conflict = response(operation, "409");
			assertThat(conflict.path("description").asString()).startsWith("Shared conflict\n\n")
				.containsOnlyOnce("`in-progress`");
			assertThat(types(operation, "409")).contains(PROBLEM + "in-progress");
		}
		assertThat(response(referring, "409").has("$ref")).isFalse();
		assertThat(response(operation(document, "post", "/exempt"), "409").path("description").asString())
			.isEqualTo("Shared conflict");
		assertThat(document.path("components").path("responses").path("Conflict").path("description").asString())
			.isEqualTo("Shared conflict");
	}

	@ParameterizedTest
	@ValueSource(strings = { "openapi_3_0", "openapi_3_1" })
	@DisplayName("O2: documents of both versions are complete and leave nothing of their making behind")
	void writesBothVersions(String version) {
		JsonNode document = document("springdoc.api-docs.version=" + version);
		assertThat(document.path("openapi").asString()).startsWith(version.substring(8).replace('_', '.'));
		assertThat(document.toString()).doesNotContain("x-idempotency", "DocumentedThings", "null");
		assertThat(key(operation(document, "post", "/plain"), "Idempotency-Key").path("schema").path("type").asString())
			.isEqualTo("string");
		assertThat(document.findValues("$ref").stream().map(JsonNode::asString).distinct()).isNotEmpty()
			.allSatisfy((ref) -> assertThat(document.at(ref.substring(1)).isMissingNode()).as(ref).isFalse());
	}

	@Test
	@DisplayName("O2: a document that is made again is the same")
	void repeatsItself() {
		TestApp app = app(List.of(), "springdoc.cache.disabled=true");
		assertThat(document(app, "/v3/api-docs")).isEqualTo(document(app, "/v3/api-docs"));
	}

	@Test
	@DisplayName("O2: groups show it too, and a customizer of the application has the last word")
	void showsInGroups() {
		TestApp app = app(List.of(Groups.class));
		JsonNode operation = operation(document(app, "/v3/api-docs/things"), "put", "/required/{id}");
		assertThat(key(operation, "Idempotency-Key").path("required").asBoolean()).isTrue();
		assertThat(statuses(operation)).contains("409").doesNotContain("503");
	}

	@Test
	@DisplayName("O2: openapi.enabled=false leaves documents alone")
	void canBeDisabled() {
		JsonNode document = document("idempotency.openapi.enabled=false");
		assertThat(operation(document, "put", "/required/{id}").has("parameters")).isTrue();
		assertThat(document.toString()).doesNotContain("Idempotency-Key", "IdempotencyProblem");
	}

	private static TestApp app(List<Class<?>> more, String... properties) {
		List<Class<?>> configuration = new ArrayList<>(more);
		configuration.add(DocumentedThings.class);
		String[] all = Arrays.copyOf(properties, properties.length + 1);
		all[properties.length] = "springdoc.api-docs.enabled=true";
		return TestApp.shared(configuration, StoreKind.MEMORY, all);
	}

	private static JsonNode document(String... properties) {
		return document(app(List.of(), properties), "/v3/api-docs");
	}

	private static JsonNode document(TestApp app, String path) {
		HttpResponse<byte[]> response = app.send(app.request("GET", path, null, new byte[0]).build());
		assertThat(response.statusCode()).isEqualTo(200);
		return JsonMapper.shared().readTree(response.body());
	}

	private static JsonNode operation(JsonNode document, String method, String path) {
		JsonNode operation = document.path("paths").path(path).path(method);
		assertThat(operation.isObject()).as("%s %s is documented", method, path).isTrue();
		return operation;
	}

	private static JsonNode key(JsonNode operation, String name) {
		return operation.path("parameters")
			.valueStream()
			.filter((parameter) -> parameter.path("name").asString().equals(name))
			.findFirst()
			.orElseGet(() -> operation.path("no such parameter"));
	}

	private static String description(JsonNode document, String method, String path) {
		return key(operation(document, method, path), "Idempotency-Key").path("description").asString();
	}

	private static JsonNode response(JsonNode operation, String status) {
		return operation.path("responses").path(status);
	}

	private static Set<String> statuses(JsonNode operation) {
		return new TreeSet<>(operation.path("responses").propertyNames());
	}

	private static Set<String> headers(JsonNode operation, String status) {
		return new TreeSet<>(response(operation, status).path("headers").propertyNames());
	}

	/**
	 * Returns the problem types that a response may have, which must refer to the shared
	 * schema.
	 */
	private static Set<String> types(JsonNode operation, String status) {
		JsonNode schema = response(operation, status).path("content").path("application/problem+json").path("schema");
		Set<String> types = new TreeSet<>();
		schema.path("allOf")
			.path(1)
			.path("properties")
			.path("type")
			.path("enum")
			.valueStream()
			.map(JsonNode::asString)
			.forEach(types::add);
		if (!types.isEmpty()) {
			assertThat(schema.path("allOf").path(0).path("$ref").asString())
				.isEqualTo("#/components/schemas/IdempotencyProblem");
		}
		return types;
	}

	@RestControllerAdvice
	static class SharedDescriptions {

		@Bean
		OpenAPI openApi() {
			return new OpenAPI().components(new Components()
				.addParameters("Key", new HeaderParameter().name("Idempotency-Key").schema(new StringSchema()))
				.addResponses("Conflict", new ApiResponse().description("Shared conflict")));
		}

		@ExceptionHandler
		@ResponseStatus(HttpStatus.CONFLICT)
		@io.swagger.v3.oas.annotations.responses.ApiResponse(responseCode = "409", description = "Shared conflict")
		String conflict(IllegalStateException ex) {
			return "conflict";
		}

	}

	@RestController
	static class Referring {

		@PostMapping("/referring")
		@Operation(parameters = @Parameter(ref = "Key"))
		@io.swagger.v3.oas.annotations.responses.ApiResponse(responseCode = "409", ref = "Conflict")
		String refer() {
			return "referring";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Groups {

		@Bean
		GroupedOpenApi things() {
			OpenApiCustomizer lastWord = (document) -> document.getPaths()
				.values()
				.stream()
				.map(PathItem::readOperations)
				.forEach((operations) -> operations.forEach((operation) -> operation.getResponses().remove("503")));
			return GroupedOpenApi.builder().group("things").pathsToMatch("/**").addOpenApiCustomizer(lastWord).build();
		}

	}

}
