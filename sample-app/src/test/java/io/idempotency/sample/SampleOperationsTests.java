package io.idempotency.sample;

import java.util.List;
import java.util.Objects;
import java.util.UUID;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.http.MediaType;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What operators and developers see of the service: actuator, metrics, the OpenAPI
 * document and Swagger UI. It is started as {@code main} starts it.
 */
@ExtendWith(OutputCaptureExtension.class)
class SampleOperationsTests {

	private static ConfigurableApplicationContext context;

	private static RestClient client;

	@BeforeAll
	static void start(CapturedOutput output) {
		context = new SpringApplicationBuilder(SampleApplication.class).registerShutdownHook(false)
			.run("--server.port=0", "--logging.level.root=info");
		client = RestClient
			.create("http://127.0.0.1:" + context.getEnvironment().getRequiredProperty("local.server.port"));
		assertThat(output).contains("Tomcat started on port").doesNotContain(" WARN ", " ERROR ");
	}

	@AfterAll
	static void stop() {
		context.close();
	}

	@Test
	void isHealthyWithoutRedis() {
		JsonNode health = json("/actuator/health");
		assertThat(health.path("status").asString()).isEqualTo("UP");
		assertThat(health.path("components").propertyNames()).contains("db", "idempotency").doesNotContain("redis");
	}

	@Test
	void showsMetricsOfRequests() {
		String key = UUID.randomUUID().toString();
		pay(key);
		pay(key);
		assertThat(get("/actuator/prometheus"))
			.containsPattern("idempotency_requests_total\\{.*outcome=\"first\".*} \\d")
			.containsPattern("idempotency_requests_total\\{.*outcome=\"replay\".*} \\d");
	}

	@Test
	void showsSettingsAndRecords() {
		String key = UUID.randomUUID().toString();
		pay(key);
		assertThat(get("/actuator/idempotency")).contains("/payments");
		assertThat(json("/actuator/idempotency/" + key + "?method=POST&path=/payments").path("state").asString())
			.isEqualTo("completed");
	}

	@Test
	void exposesNothingElseOfActuator() {
		assertThat(json("/actuator").path("_links").propertyNames())
			.allMatch((name) -> List.of("self", "health", "health-path", "prometheus", "idempotency", "idempotency-key")
				.contains(name));
	}

	@Test
	void documentsKeyInWordsAndWithoutExample() {
		JsonNode document = json("/v3/api-docs");
		assertThat(document.path("info").path("title").asString()).isEqualTo("Payments");
		assertThat(document.path("paths").propertyNames()).contains("/payments", "/orders", "/payments/{id}/refunds")
			.allMatch((path) -> path.startsWith("/payments") || path.startsWith("/orders"));
		JsonNode key = document.path("paths").path("/payments").path("post").path("parameters").path(0);
		assertThat(key.path("name").asString()).isEqualTo("Idempotency-Key");
		assertThat(key.path("description").asString()).contains("random UUID");
		assertThat(key.toString()).doesNotContain("example", "default");
	}

	@Test
	void hasSwaggerUi() {
		assertThat(get("/swagger-ui/index.html")).contains("Swagger UI");
	}

	@Test
	void linksToAllOfIt() {
		assertThat(get("/")).contains("href=\"swagger-ui.html\"", "href=\"actuator/idempotency\"",
				"href=\"actuator/health\"", "href=\"actuator/prometheus\"");
		assertThat(client.get().uri("/swagger-ui.html").retrieve().toBodilessEntity().getHeaders().getLocation())
			.hasPath("/swagger-ui/index.html");
	}

	private static void pay(String key) {
		client.post()
			.uri("/payments")
			.contentType(MediaType.APPLICATION_JSON)
			.header("Idempotency-Key", key)
			.body("{\"amount\": \"12.50\", \"currency\": \"EUR\", \"reference\": \"Order 4711\"}")
			.retrieve()
			.toBodilessEntity();
	}

	private static JsonNode json(String path) {
		return JsonMapper.shared().readTree(get(path));
	}

	private static String get(String path) {
		return Objects.requireNonNull(client.get().uri(path).retrieve().body(String.class));
	}

}
