package io.idempotency.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;

import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.WebClient;

import static org.assertj.core.api.Assertions.assertThat;

class WebClientKeyTests {

	private final TestApp app = ClientApp.shared();

	// O3
	@Test
	void sharesKeyAmongAttemptsThatCallerMakes() {
		try (ScriptedService service = new ScriptedService()) {
			service.breaksOff().drops().answers(500, "text/plain", "no");
			WebClient client = this.app.bean(WebClient.Builder.class).build();
			Mono<String> payment = client.post()
				.uri(service.uri("/"))
				.bodyValue("{}")
				.retrieve()
				.bodyToMono(String.class);
			assertThat(payment.retry(3).block()).isEqualTo("{\"ok\":true}");
			assertThat(service.keys()).hasSize(4).containsOnly(service.keys().get(0)).doesNotContain("-");
		}
	}

	// O3
	@Test
	void givesEachRequestKeyOfItsOwn() {
		try (ScriptedService service = new ScriptedService()) {
			WebClient client = this.app.bean(WebClient.Builder.class).build().mutate().build();
			for (int i = 0; i < 3; i++) {
				client.post().uri(service.uri("/")).retrieve().toBodilessEntity().block();
			}
			assertThat(service.keys()).hasSize(3).doesNotHaveDuplicates().doesNotContain("-");
		}
	}

	@Test
	void dropsNoErrorWhenItReadsProblem() {
		List<Throwable> dropped = new CopyOnWriteArrayList<>();
		Hooks.onErrorDropped(dropped::add);
		try (ScriptedService service = new ScriptedService()) {
			service.refuses(409, "in-progress", "Retry-After", "0").refuses(409, "about:blank");
			WebClient client = ClientApp.shared("retry.max-attempts=2").bean(WebClient.Builder.class).build();
			client.post().uri(service.uri("/")).exchangeToMono(ClientResponse::releaseBody).block();
			assertThat(service.received()).hasSize(2);
			assertThat(dropped).isEmpty();
		}
		finally {
			Hooks.resetOnErrorDropped();
		}
	}

}
