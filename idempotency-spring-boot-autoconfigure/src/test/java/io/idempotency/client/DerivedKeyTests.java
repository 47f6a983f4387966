package io.idempotency.client;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Stream;

import io.idempotency.IdempotencyContext;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * O5: a handler that runs again calls other services with the keys that it had.
 */
class DerivedKeyTests {

	private final ScriptedService service = new ScriptedService();

	private final TestApp app = ClientApp.shared(List.of(Orders.class));

	private final String key = TestApp.newKey();

	@AfterEach
	void stop() {
		this.service.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/named/REST_CLIENT", "/named/REST_TEMPLATE", "/named/WEB_CLIENT", "/context", "/callable",
			"/later" })
	void otherServiceAnswersWithWhatItDidTheFirstTime(String path) {
		TestApp other = TestApp.shared(List.of(Charges.class), StoreKind.MEMORY, "idempotency.mode=required",
				"idempotency.enforce-uuid=true");
		this.app.bean(Orders.class).failOnce = true;
		HttpResponse<byte[]> crashed = order(path, other.uri("/charges/" + this.key).toString());
		HttpResponse<byte[]> again = order(path, other.uri("/charges/" + this.key).toString());
		assertThat(crashed.statusCode()).isEqualTo(500);
		assertThat(again.statusCode()).isEqualTo(200);
		assertThat(again.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(TestApp.text(again)).isEqualTo("charge 1 replayed");
		assertThat(other.bean(Runs.class).count(this.key)).isEqualTo(1);
	}

	@Test
	void keysAreSameOnOtherInstance() {
		this.app.post("/named/REST_CLIENT", this.key, this.service.uri("/"));
		try (TestApp instance = TestApp.start(List.of(Orders.class), StoreKind.MEMORY, ClientApp.properties())) {
			instance.post("/named/REST_CLIENT", this.key, this.service.uri("/"));
		}
		assertThat(this.service.keys()).hasSize(2).containsOnly(this.service.keys().get(0)).doesNotContain("-");
	}

	@Test
	void stepHasSameKeyHoweverItIsSent() {
		this.app.post("/both", this.key, this.service.uri("/"));
		assertThat(this.service.keys()).hasSize(4).containsOnly(this.service.keys().get(0)).doesNotContain("-");
	}

	@Test
	void eachStepHasKeyOfItsOwn() {
		this.app.post("/two", this.key, this.service.uri("/"));
		assertThat(this.service.keys()).hasSize(2).doesNotHaveDuplicates().doesNotContain("-", this.key);
	}

	@Test
	void eachOperationHasKeysOfItsOwn() {
		this.app.post("/step/a/REST_CLIENT", this.key, this.service.uri("/"));
		this.app.post("/step/a/REST_CLIENT", TestApp.newKey(), this.service.uri("/"));
		this.app.post("/step/a/WEB_CLIENT", this.key, this.service.uri("/"));
		assertThat(this.service.keys()).hasSize(3).doesNotHaveDuplicates().doesNotContain("-");
	}

	@Test
	void operationsOfOtherPrincipalsHaveKeysOfTheirOwn() {
		TestApp tenants = TestApp.shared(List.of(Orders.class), StoreKind.MEMORY,
				ClientApp.properties("idempotency.scope-headers=X-Tenant"));
		tenants.post("/named/REST_CLIENT", this.key, this.service.uri("/"), "X-Tenant", "a");
		tenants.post("/named/REST_CLIENT", this.key, this.service.uri("/"), "X-Tenant", "b");
		assertThat(this.service.keys()).hasSize(2).doesNotHaveDuplicates();
	}

	@Test
	void keysHaveFormOfRandomUuids() {
		for (int i = 0; i < 20; i++) {
			this.app.post("/two", TestApp.newKey(), this.service.uri("/"));
		}
		assertThat(this.service.keys()).hasSize(40).doesNotHaveDuplicates().allSatisfy((derived) -> {
			UUID uuid = UUID.fromString(derived);
			assertThat(uuid).hasToString(derived);
			assertThat(uuid.version()).isEqualTo(4);
			assertThat(uuid.variant()).isEqualTo(2);
		});
	}

	@Test
	void unnamedCallsHaveFreshKeysUnlessAsked() {
		this.app.bean(Orders.class).failOnce = true;
		this.app.post("/unnamed/REST_CLIENT", this.key, this.service.uri("/"));
		this.app.post("/unnamed/REST_CLIENT", this.key, this.service.uri("/"));
		assertThat(this.service.keys()).hasSize(8).doesNotHaveDuplicates().doesNotContain("-");
	}

	@ParameterizedTest
	@EnumSource
	void unnamedCallsAreToldApartByMethodUriAndOrdinal(ClientKind client) {
		TestApp automatic = ClientApp.shared(List.of(Orders.class), "derive=automatic");
		automatic.bean(Orders.class).failOnce = true;
		automatic.post("/unnamed/" + client, this.key, this.service.uri("/"));
		automatic.post("/unnamed/" + client, this.key, this.service.uri("/"));
		List<String> first = this.service.keys().subList(0, 4);
		List<String> second = this.service.keys().subList(4, 8);
		assertThat(first).doesNotHaveDuplicates().doesNotContain("-");
		assertThat(second).isEqualTo(first);
	}

	@Test
	void callsOfDifferentClientsAreCountedTogether() {
		TestApp automatic = ClientApp.shared(List.of(Orders.class), "derive=automatic");
		automatic.post("/mixed", this.key, this.service.uri("/"));
		assertThat(this.service.keys()).hasSize(3).doesNotHaveDuplicates().doesNotContain("-");
	}

	@Test
	void stepHasFreshKeyInHandlerWithoutRecord() {
		this.app.bean(Orders.class).failOnce = false;
		for (int i = 0; i < 2; i++) {
			this.app.post("/both", null, this.service.uri("/"));
		}
		assertThat(this.service.keys()).hasSize(8).doesNotHaveDuplicates().doesNotContain("-");
	}

	@Test
	void stepHasFreshKeyOutsideOfHandlers() {
		ClientKind.Request request = ClientKind.request(HttpMethod.PUT, this.service.uri("/"))
			.with(IdempotencyStep.named("capture"));
		Stream.of(ClientKind.values()).forEach((client) -> client.send(this.app, request));
		assertThat(this.service.keys()).hasSize(3).doesNotHaveDuplicates().doesNotContain("-");
	}

	@Test
	void keyOfCallerWinsOverStep() {
		this.app.post("/own-key", this.key, this.service.uri("/"));
		assertThat(this.service.keys()).containsExactly("of the caller");
	}

	@Test
	void attemptsOfOneCallAreOneCall() {
		TestApp automatic = ClientApp.shared(List.of(Orders.class), "derive=automatic", "retry.max-attempts=3",
				"retry.delay=0ms");
		this.service.drops().drops();
		automatic.post("/mixed", this.key, this.service.uri("/"));
		List<String> keys = this.service.keys();
		assertThat(keys).hasSize(5);
		assertThat(keys.subList(0, 3)).containsOnly(keys.get(0));
		assertThat(keys.subList(2, 5)).doesNotHaveDuplicates();
	}

	private HttpResponse<byte[]> order(String path, String uri) {
		return this.app.post(path, this.key, uri);
	}

	/**
	 * Handlers that call the service whose URI they are sent, and then may fail.
	 */
	@RestController
	static class Orders {

		private final RestClient restClient;

		private final RestTemplate restTemplate;

		private final WebClient webClient;

		private volatile boolean failOnce;

		Orders(RestClient.Builder restClient, RestTemplateBuilder restTemplate, WebClient.Builder webClient) {
			this.restClient = restClient.defaultStatusHandler(HttpStatusCode::isError, (request, response) -> {
			}).build();
			this.restTemplate = restTemplate.build();
			this.webClient = webClient.build();
		}

		@PostMapping("/named/{client}")
		String named(@PathVariable ClientKind client, @RequestBody String uri) {
			return end(call(client, uri, "charge"));
		}

		@PostMapping("/step/{step}/{client}")
		String step(@PathVariable ClientKind client, @PathVariable String step, @RequestBody String uri) {
			return end(call(client, uri, step));
		}

		@PostMapping("/context")
		String context(IdempotencyContext context, @RequestBody String uri) {
			return end(replayed(this.restClient.post()
				.uri(uri)
				.header("Idempotency-Key", context.derivedKey("charge"))
				.retrieve()
				.toEntity(String.class)));
		}

		@PostMapping("/callable")
		Callable<String> callable(@RequestBody String uri) {
			return () -> end(call(ClientKind.REST_CLIENT, uri, "charge"));
		}

		/**
		 * Describes the call on its own thread, and makes it on another.
		 */
		@PostMapping("/later")
		String later(@RequestBody String uri) {
			return end(replayed(this.webClient.post()
				.uri(uri)
				.attributes(IdempotencyStep.named("charge"))
				.retrieve()
				.toEntity(String.class)
				.subscribeOn(Schedulers.boundedElastic())
				.block()));
		}

		@PostMapping("/both")
		String both(IdempotencyContext context, @RequestBody String uri) {
			for (ClientKind client : ClientKind.values()) {
				call(client, uri, "capture");
			}
			this.restClient.post()
				.uri(uri)
				.header("Idempotency-Key", context.derivedKey("capture"))
				.retrieve()
				.toBodilessEntity();
			return end("both");
		}

		@PostMapping("/two")
		String two(@RequestBody String uri) {
			call(ClientKind.REST_CLIENT, uri, "authorize");
			return end(call(ClientKind.REST_CLIENT, uri, "capture"));
		}

		@PostMapping("/unnamed/{client}")
		String unnamed(@PathVariable ClientKind client, @RequestBody String uri) {
			for (String path : List.of("a", "b", "a", "a")) {
				call(client, uri + path, null);
			}
			return end("unnamed");
		}

		@PostMapping("/mixed")
		String mixed(@RequestBody String uri) {
			for (ClientKind client : ClientKind.values()) {
				call(client, uri, null);
			}
			return end("mixed");
		}

		@PostMapping("/own-key")
		String ownKey(@RequestBody String uri) {
			this.restClient.post()
				.uri(uri)
				.header("Idempotency-Key", "of the caller")
				.attributes(IdempotencyStep.named("charge"))
				.retrieve()
				.toBodilessEntity();
			return end("own key");
		}

		private String end(String result) {
			if (this.failOnce) {
				this.failOnce = false;
				throw new IllegalStateException("Crashes after the call");
			}
			return result;
		}

		private String call(ClientKind client, String uri, @Nullable String step) {
			return switch (client) {
				case REST_CLIENT -> replayed(this.restClient.post()
					.uri(uri)
					.attributes((attributes) -> name(attributes, step))
					.retrieve()
					.toEntity(String.class));
				case REST_TEMPLATE -> replayed(this.restTemplate.execute(uri, HttpMethod.POST,
						(request) -> name(request.getAttributes(), step),
						this.restTemplate.responseEntityExtractor(String.class)));
				case WEB_CLIENT -> replayed(this.webClient.post()
					.uri(uri)
					.attributes((attributes) -> name(attributes, step))
					.retrieve()
					.toEntity(String.class)
					.block());
			};
		}

		private static void name(Map<String, Object> attributes, @Nullable String step) {
			if (step != null) {
				IdempotencyStep.named(step).accept(attributes);
			}
		}

		private static String replayed(@Nullable ResponseEntity<String> response) {
			if (response == null) {
				throw new AssertionError("No answer");
			}
			return response.getBody()
					+ (response.getHeaders().containsHeader("Idempotent-Replayed") ? " replayed" : "");
		}

	}

	/**
	 * The other service.
	 */
	@RestController
	@Import(Runs.class)
	static class Charges {

		private final Runs runs;

		Charges(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/charges/{order}")
		String charge(@PathVariable String order, @RequestHeader("Idempotency-Key") String key) {
			return "charge " + this.runs.next(order);
		}

	}

}
