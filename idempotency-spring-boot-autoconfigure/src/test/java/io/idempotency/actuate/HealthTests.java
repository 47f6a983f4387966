package io.idempotency.actuate;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import io.idempotency.actuate.ManagedPayments.FailingStore;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

class HealthTests {

	private static TestApp app(Class<?> configuration, String... properties) {
		return TestApp.shared(List.of(configuration), StoreKind.MEMORY,
				Stream
					.concat(Stream.of("test.actuator=true", "management.endpoint.health.show-details=always",
							"management.endpoint.health.probes.enabled=true"), Stream.of(properties))
					.toArray(String[]::new));
	}

	@Test
	@DisplayName("A store that answers is up, and named")
	void showsStoreThatAnswers() {
		assertThat(health(app(NoStore.class), 200).toString())
			.isEqualTo("{\"details\":{\"store\":\"MemoryIdempotencyStore\"},\"status\":\"UP\"}");
	}

	@Test
	@DisplayName("Several stores are shown one by one")
	void showsEachStore() {
		JsonNode health = health(app(ManagedPayments.class), 200);
		assertThat(health.path("components").propertyNames()).containsExactlyInAnyOrder("mainStore", "otherStore");
		assertThat(health.path("status").asString()).isEqualTo("UP");
	}

	@Test
	@DisplayName("E4: with on-store-failure=reject, a store that fails takes the application down, but not its liveness")
	void isDownWhenStoreFails() {
		TestApp app = app(Failing.class);
		app.bean(FailingStore.class).fail(new IllegalStateException("The store is away"));
		JsonNode health = health(app, 503);
		assertThat(health.path("status").asString()).isEqualTo("DOWN");
		assertThat(health.path("details").path("store").asString()).isEqualTo("FailingStore");
		assertThat(health.path("details").path("error").asString()).contains("The store is away");
		HttpResponse<byte[]> liveness = get(app, "/actuator/health/liveness");
		assertThat(liveness.statusCode()).isEqualTo(200);
		assertThat(TestApp.text(liveness)).doesNotContain("idempotency");
	}

	@Test
	@DisplayName("E4: with on-store-failure=proceed, a store that fails leaves the application up, with the reason")
	void staysUpWhenRequestsProceed() {
		TestApp app = app(Failing.class, "idempotency.on-store-failure=proceed");
		app.bean(FailingStore.class).fail(new IllegalStateException("The store is away"));
		JsonNode health = health(app, 200);
		assertThat(health.path("status").asString()).isEqualTo("UP");
		assertThat(health.path("details").path("failure").asString()).contains("The store is away");
		assertThat(health.path("details").path("consequence").asString()).contains("unprotected");
	}

	@Test
	@DisplayName("A store that hangs is down, and holds no more than one thread")
	void isDownWhenStoreHangs() {
		TestApp app = app(Failing.class);
		FailingStore store = app.bean(FailingStore.class);
		CountDownLatch answer = store.hang();
		try {
			assertThat(health(app, 503).path("details").path("error").asString()).contains("No answer");
			assertThat(health(app, 503).path("details").path("error").asString()).contains("No answer");
			assertThat(Thread.getAllStackTraces().keySet())
				.filteredOn((thread) -> thread.getName().startsWith("idempotency-health-"))
				.hasSize(1);
		}
		finally {
			answer.countDown();
		}
	}

	@Test
	@DisplayName("A store that does not show its records is neither up nor down")
	void isUnknownWhenStoreCannotBeAsked() {
		TestApp app = app(Failing.class);
		app.bean(FailingStore.class).fail(new UnsupportedOperationException("does not show its records"));
		JsonNode health = health(app, 200);
		assertThat(health.path("status").asString()).isEqualTo("UNKNOWN");
		assertThat(health.path("details").path("reason").asString()).isEqualTo("does not show its records");
	}

	@Test
	@DisplayName("management.health.idempotency.enabled=false turns it off")
	void canBeTurnedOff() {
		TestApp app = app(NoStore.class, "management.health.idempotency.enabled=false");
		assertThat(get(app, "/actuator/health/idempotency").statusCode()).isEqualTo(404);
		assertThat(TestApp.text(get(app, "/actuator/health"))).contains("\"ping\"").doesNotContain("\"idempotency\"");
	}

	private static JsonNode health(TestApp app, int status) {
		HttpResponse<byte[]> health = get(app, "/actuator/health/idempotency");
		assertThat(health.statusCode()).isEqualTo(status);
		return JsonMapper.shared().readTree(health.body());
	}

	private static HttpResponse<byte[]> get(TestApp app, String path) {
		return app.send(app.request("GET", path, null, new byte[0]).build());
	}

	@Configuration(proxyBeanMethods = false)
	static class NoStore {

	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@Bean
		FailingStore failingStore() {
			return new FailingStore();
		}

	}

}
