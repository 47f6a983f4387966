package io.idempotency.client;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.stream.Stream;

import io.idempotency.client.ClientKind.Answer;
import io.idempotency.client.ScriptedService.Received;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpMethod;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

@ParameterizedClass
@EnumSource
@Tag("compatibility")
class ClientKeyTests {

	private final ClientKind client;

	private final ScriptedService service = new ScriptedService();

	ClientKeyTests(ClientKind client) {
		this.client = client;
	}

	@AfterEach
	void stop() {
		this.service.close();
	}

	// O3
	@Test
	void sendsUuidOfVersion4WithEachRequestOfProtectedMethods() {
		TestApp app = ClientApp.shared();
		Stream.of(HttpMethod.POST, HttpMethod.PATCH, HttpMethod.POST)
			.forEach((method) -> this.client.send(app, ClientKind.request(method, this.service.uri("/"))));
		assertThat(this.service.keys()).hasSize(3)
			.doesNotHaveDuplicates()
			.allSatisfy((key) -> assertThat(UUID.fromString(key)).hasToString(key)
				.satisfies((uuid) -> assertThat(uuid.version()).isEqualTo(4))
				.satisfies((uuid) -> assertThat(uuid.variant()).isEqualTo(2)));
	}

	// O3
	@Test
	void leavesRequestsOfOtherMethodsAlone() {
		TestApp app = ClientApp.shared();
		Stream.of(HttpMethod.GET, HttpMethod.PUT, HttpMethod.DELETE, HttpMethod.HEAD, HttpMethod.OPTIONS)
			.forEach((method) -> this.client.send(app, ClientKind.request(method, this.service.uri("/"))));
		assertThat(this.service.keys()).hasSize(5).containsOnly("-");
	}

	// O3
	@Test
	void keepsKeyOfCaller() {
		this.client.post(ClientApp.shared(), this.service.uri("/"), "idempotency-key", "order-4711");
		assertThat(this.service.received()).singleElement()
			.satisfies((request) -> assertThat(request.values("Idempotency-Key")).containsExactly("order-4711"));
	}

	// O3
	@Test
	void takesEmptyHeaderOfCallerForWishToHaveNoKey() {
		this.client.post(ClientApp.shared(), this.service.uri("/"), "Idempotency-Key", "");
		assertThat(this.service.received()).singleElement()
			.satisfies((request) -> assertThat(String.join("", request.values("Idempotency-Key"))).isEmpty());
	}

	// O3
	@Test
	void sendsKeyInRenamedHeaderWithOtherMethods() {
		TestApp app = ClientApp.shared("key-header=X-Request-Key", "methods=PUT,post");
		this.client.send(app, ClientKind.request(HttpMethod.PUT, this.service.uri("/")));
		this.client.send(app, ClientKind.request(HttpMethod.PATCH, this.service.uri("/")));
		List<Received> received = this.service.received();
		assertThat(this.service.keys()).containsOnly("-");
		assertThat(received.get(0).header("X-Request-Key")).hasSize(36);
		assertThat(received.get(1).header("X-Request-Key")).isNull();
	}

	// O3
	@Test
	void sendsKeysToNamedHostsOnly() {
		this.client.post(ClientApp.shared("hosts=payments.example.com"), this.service.uri("/"));
		this.client.post(ClientApp.shared("hosts=payments.example.com," + host()), this.service.uri("/"));
		assertThat(this.service.keys()).hasSize(2).startsWith("-");
		assertThat(this.service.keys().get(1)).hasSize(36);
	}

	private String host() {
		return URI.create(this.service.uri("/")).getHost().toUpperCase(Locale.ROOT);
	}

	// O3
	@Test
	void asksKeySourceOfApplication() {
		TestApp app = ClientApp.shared(List.of(OwnKeys.class));
		this.client.post(app, this.service.uri("/orders"));
		assertThat(this.service.keys()).containsExactly("\"POST /orders\"");
	}

	// O3
	@Test
	void sendsNothingUnlessAsked() {
		this.client.post(ClientApp.shared("enabled=false"), this.service.uri("/"));
		this.client.post(TestApp.shared(List.of(), StoreKind.MEMORY), this.service.uri("/"));
		this.client.post(TestApp.shared(List.of(), StoreKind.MEMORY, "idempotency.enabled=false",
				"idempotency.client.enabled=true"), this.service.uri("/"));
		assertThat(this.service.keys()).containsExactly("-", "-", "-");
	}

	// O3
	@Test
	void isServedByServiceThatDemandsUuids() {
		TestApp other = TestApp.shared(List.of(Payments.class), StoreKind.MEMORY, "idempotency.mode=required",
				"idempotency.enforce-uuid=true");
		Answer first = this.client.post(ClientApp.shared(), other.uri("/payments").toString());
		assertThat(first.status()).isEqualTo(200);
		Answer retry = this.client.post(ClientApp.shared(), other.uri("/payments").toString(), "Idempotency-Key",
				String.valueOf(first.body()));
		assertThat(retry.headers().getFirst("Idempotent-Replayed")).isEqualTo("true");
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(other.bean(Runs.class).count(String.valueOf(first.body()))).isEqualTo(1);
	}

	@RestController
	@Import(Runs.class)
	static class Payments {

		private final Runs runs;

		Payments(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/payments")
		String pay(@RequestHeader("Idempotency-Key") String key) {
			this.runs.next(key);
			return key;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnKeys {

		@Bean
		IdempotencyKeySource keys() {
			return (method, uri) -> "\"" + method + " " + uri.getPath() + "\"";
		}

	}

}
