package io.idempotency.client;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.client.ClientKind.Answer;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateCustomizer;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.reactive.function.client.ClientRequest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

/**
 * O3: the same key on each attempt.
 */
@ParameterizedClass
@EnumSource
class KeyedRetryTests {

	private static final String IN_PROGRESS = "urn:idempotency:problem:in-progress";

	private final ClientKind client;

	private final ScriptedService service = new ScriptedService();

	KeyedRetryTests(ClientKind client) {
		this.client = client;
	}

	/**
	 * Three attempts without a pause.
	 */
	private static TestApp app(String... more) {
		List<String> properties = new ArrayList<>(List.of("retry.max-attempts=3", "retry.delay=0ms"));
		properties.addAll(List.of(more));
		return ClientApp.shared(List.of(Attempts.class), properties.toArray(String[]::new));
	}

	@AfterEach
	void stop() {
		this.service.close();
	}

	@Test
	void repeatsRequestWhoseConnectionWasDropped() {
		this.service.drops().drops();
		Answer answer = this.client.post(app(), this.service.uri("/payments?now=true"), "X-Trace", "7");
		assertThat(answer.status()).isEqualTo(200);
		assertThat(answer.body()).isEqualTo("{\"ok\":true}");
		assertIsOneOperation(3);
		assertThat(this.service.received()).allSatisfy((request) -> {
			assertThat(request.method()).isEqualTo("POST");
			assertThat(request.uri()).isEqualTo("/payments?now=true");
			assertThat(request.body()).isEqualTo("{\"amount\":10}");
			assertThat(request.values("X-Trace")).containsExactly("7");
		});
	}

	@Test
	void repeatsRequestThatTimedOut() {
		this.service.hangs();
		Answer answer = this.client.post(timeLimited(), this.service.uri("/payments"));
		assertThat(answer.status()).isEqualTo(200);
		assertIsOneOperation(2);
	}

	@Test
	void givesCallerLastException() {
		this.service.hangs().hangs().hangs().hangs();
		assertThatThrownBy(() -> this.client.post(timeLimited(), this.service.uri("/payments")))
			.hasCauseInstanceOf(HttpTimeoutException.class);
		assertIsOneOperation(3);
	}

	private static TestApp timeLimited() {
		return TestApp.shared(List.of(), StoreKind.MEMORY,
				ClientApp.properties("spring.http.clients.read-timeout=300ms",
						"idempotency.client.retry.max-attempts=3", "idempotency.client.retry.delay=0ms"));
	}

	@Test
	void repeatsRequestThatGetsNoConnection() throws IOException {
		TestApp app = app();
		AtomicInteger attempts = app.bean(AtomicInteger.class);
		attempts.set(0);
		String nobody;
		try (ServerSocket socket = new ServerSocket(0)) {
			nobody = "http://127.0.0.1:" + socket.getLocalPort() + "/";
		}
		assertThatThrownBy(() -> this.client.post(app, nobody)).hasRootCauseInstanceOf(IOException.class);
		assertThat(attempts).hasValue(3);
	}

	@Test
	void repeatsRequestWhoseAnswerBreaksOff() {
		// A WebClient's caller reads the body, and repeats that by itself.
		assumeThat(this.client).isNotEqualTo(ClientKind.WEB_CLIENT);
		this.service.breaksOff();
		assertThat(this.client.post(app(), this.service.uri("/")).body()).isEqualTo("{\"ok\":true}");
		assertIsOneOperation(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { IN_PROGRESS, "https://example.org/problems/in-progress",
			"https://example.org/problems#in-progress", "in-progress", "urn:idempotency:problem:wait-timeout" })
	void repeatsRequestWhileFirstStillRuns(String type) {
		this.service.refuses(409, type, "Retry-After", "0");
		assertThat(this.client.post(app(), this.service.uri("/")).status()).isEqualTo(200);
		assertIsOneOperation(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "urn:idempotency:problem:response-not-stored", "urn:idempotency:problem:outcome-unknown",
			"https://example.org/not-in-progress", "urn:in-progress:cancelled", "about:blank" })
	void leavesOtherConflictsToCaller(String type) {
		this.service.refuses(409, type, "Retry-After", "0");
		Answer answer = this.client.post(app(), this.service.uri("/"));
		assertThat(answer.status()).isEqualTo(409);
		assertThat(answer.body()).isEqualTo("{\"status\":409,\"type\":\"" + type + "\"}");
		assertIsOneOperation(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "[1,", "17", "{\"type\":[]}", "{\"title\":\"in-progress\"}" })
	void leavesConflictsThatAreNotUnderstoodToCaller(String body) {
		this.service.answers(409, "application/problem+json", body);
		Answer answer = this.client.post(app(), this.service.uri("/"));
		assertThat(answer.status()).isEqualTo(409);
		assertThat((answer.body() != null) ? answer.body() : "").isEqualTo(body);
		assertIsOneOperation(1);
	}

	@Test
	void leavesConflictThatIsNoProblemDocumentToCaller() {
		this.service.answers(409, "application/json", "{\"type\":\"in-progress\"}", "Retry-After", "0");
		assertThat(this.client.post(app(), this.service.uri("/")).status()).isEqualTo(409);
		assertIsOneOperation(1);
	}

	@Test
	void repeatsRequestThatServiceHadNoTimeFor() {
		this.service.answers(503, "text/plain", "busy").answers(503, "text/plain", "", "Retry-After", "0");
		assertThat(this.client.post(app(), this.service.uri("/")).status()).isEqualTo(200);
		assertIsOneOperation(3);
	}

	@ParameterizedTest
	@ValueSource(ints = { 400, 404, 422, 429, 500, 502, 504 })
	void leavesOtherStatusesToCaller(int status) {
		this.service.answers(status, "text/plain", "no", "Retry-After", "0");
		Answer answer = this.client.post(app(), this.service.uri("/"));
		assertThat(answer.status()).isEqualTo(status);
		assertThat(answer.body()).isEqualTo("no");
		assertIsOneOperation(1);
	}

	@Test
	void repeatsRequestAfterConfiguredStatuses() {
		TestApp app = app("retry.statuses=502,504");
		this.service.answers(502, "text/plain", "").answers(504, "text/plain", "").answers(503, "text/plain", "busy");
		assertThat(this.client.post(app, this.service.uri("/")).status()).isEqualTo(503);
		assertIsOneOperation(3);
	}

	@Test
	void givesCallerLastAnswerAsItCame() {
		this.service.answers(503, "text/plain", "first")
			.drops()
			.refuses(409, IN_PROGRESS, "Retry-After", "0", "X-Which", "last");
		Answer answer = this.client.post(app(), this.service.uri("/"));
		assertThat(answer.status()).isEqualTo(409);
		assertThat(answer.headers().getFirst("X-Which")).isEqualTo("last");
		assertThat(answer.headers().getFirst("Content-Type")).isEqualTo("application/problem+json");
		assertThat(answer.body()).isEqualTo("{\"status\":409,\"type\":\"" + IN_PROGRESS + "\"}");
		assertIsOneOperation(3);
	}

	@Test
	void givesCallerLastUnavailableAnswerAsItCame() {
		String page = "busy ".repeat(500_000);
		this.service.answers(503, "text/plain", "first")
			.answers(503, "text/plain", "second")
			.answers(503, "text/plain", (this.client != ClientKind.WEB_CLIENT) ? page : "last");
		Answer answer = this.client.post(app(), this.service.uri("/"));
		assertThat(answer.status()).isEqualTo(503);
		assertThat(answer.body()).isEqualTo((this.client != ClientKind.WEB_CLIENT) ? page : "last");
		assertIsOneOperation(3);
	}

	@Test
	void doesNotMakeCallerWaitLongerThanMaxDelay() {
		TestApp app = app("retry.max-delay=2s");
		this.service.answers(503, "text/plain", "busy", "Retry-After", "3");
		Answer answer = this.client.post(app, this.service.uri("/"));
		assertThat(answer.status()).isEqualTo(503);
		assertThat(answer.body()).isEqualTo("busy");
		assertThat(answer.headers().getFirst("Retry-After")).isEqualTo("3");
		assertIsOneOperation(1);
	}

	@Test
	void repeatsWithKeyOfCaller() {
		this.service.drops();
		this.client.send(app(),
				ClientKind.request(HttpMethod.PUT, this.service.uri("/"), "Idempotency-Key", "order-4711"));
		assertThat(this.service.keys()).containsExactly("order-4711", "order-4711");
	}

	@ParameterizedTest
	@ValueSource(strings = { "PUT", "DELETE" })
	void neverRepeatsRequestWithoutKey(String method) {
		this.service.answers(503, "text/plain", "busy", "Retry-After", "0");
		Answer answer = this.client.send(app(), ClientKind.request(HttpMethod.valueOf(method), this.service.uri("/")));
		assertThat(answer.status()).isEqualTo(503);
		assertThat(this.service.keys()).containsExactly("-");
	}

	@Test
	void neverRepeatsRequestWhoseKeyIsEmpty() {
		this.service.drops();
		assertThatThrownBy(() -> this.client.post(app(), this.service.uri("/"), "Idempotency-Key", ""))
			.hasRootCauseInstanceOf(IOException.class);
		assertThat(this.service.received()).hasSize(1);
	}

	@Test
	void sendsRequestOnceUnlessAsked() {
		this.service.answers(503, "text/plain", "busy", "Retry-After", "0");
		assertThat(this.client.post(ClientApp.shared(), this.service.uri("/")).status()).isEqualTo(503);
		assertIsOneOperation(1);
	}

	@Test
	void letsInterceptorsOfApplicationSeeEachAttempt() {
		TestApp app = app();
		app.bean(AtomicInteger.class).set(0);
		this.service.drops().drops();
		this.client.post(app, this.service.uri("/"));
		assertThat(this.service.received()).extracting((request) -> request.values("X-Attempt"))
			.containsExactly(List.of("1"), List.of("2"), List.of("3"));
	}

	@Test
	void getsReplayFromServiceThatUsesStarter() throws Exception {
		TestApp other = TestApp.shared(List.of(SlowPayments.class), StoreKind.MEMORY, "idempotency.retry-after=0s");
		SlowPayments payments = other.bean(SlowPayments.class);
		CountDownLatch refusals = payments.letFirstEndAfterRefusals(2);
		String key = TestApp.newKey();
		CompletableFuture<Answer> first = CompletableFuture.supplyAsync(
				() -> this.client.post(ClientApp.shared(), other.uri("/slow").toString(), "Idempotency-Key", key));
		assertThat(payments.began.await(30, TimeUnit.SECONDS)).isTrue();
		Answer second = this.client.post(app("retry.max-attempts=100000"), other.uri("/slow").toString(),
				"Idempotency-Key", key);
		assertThat(refusals.getCount()).isZero();
		assertThat(second.status()).isEqualTo(200);
		assertThat(second.headers().getFirst("Idempotent-Replayed")).isEqualTo("true");
		assertThat(second.body()).isEqualTo(first.get(30, TimeUnit.SECONDS).body());
		assertThat(other.bean(Runs.class).count(key)).isEqualTo(1);
	}

	private void assertIsOneOperation(int attempts) {
		assertThat(this.service.received()).hasSize(attempts);
		assertThat(this.service.keys()).doesNotContain("-").containsOnly(this.service.keys().get(0));
	}

	/**
	 * Counts attempts in interceptors of the application.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Attempts {

		@Bean
		AtomicInteger attempts() {
			return new AtomicInteger();
		}

		@Bean
		RestClientCustomizer countingRestClients(AtomicInteger attempts) {
			return (builder) -> builder.requestInterceptor(counting(attempts));
		}

		@Bean
		RestTemplateCustomizer countingRestTemplates(AtomicInteger attempts) {
			return (template) -> template.getInterceptors().add(counting(attempts));
		}

		private static ClientHttpRequestInterceptor counting(AtomicInteger attempts) {
			return (request, body, execution) -> {
				request.getHeaders().add("X-Attempt", String.valueOf(attempts.incrementAndGet()));
				return execution.execute(request, body);
			};
		}

		@Bean
		WebClientCustomizer countingWebClients(AtomicInteger attempts) {
			return (builder) -> builder.filter((request,
					next) -> next.exchange(ClientRequest.from(request)
						.header("X-Attempt", String.valueOf(attempts.incrementAndGet()))
						.build()));
		}

	}

	@RestController
	@Import(Runs.class)
	static class SlowPayments {

		private final Runs runs;

		private CountDownLatch began = new CountDownLatch(1);

		private CountDownLatch refusals = new CountDownLatch(0);

		SlowPayments(Runs runs) {
			this.runs = runs;
		}

		CountDownLatch letFirstEndAfterRefusals(int count) {
			this.began = new CountDownLatch(1);
			this.refusals = new CountDownLatch(count);
			return this.refusals;
		}

		@PostMapping("/slow")
		String pay(@RequestHeader("Idempotency-Key") String key) throws InterruptedException {
			this.began.countDown();
			assertThat(this.refusals.await(30, TimeUnit.SECONDS)).isTrue();
			return key + " paid by run " + this.runs.next(key);
		}

		@Bean
		static Filter refusalCounter(ObjectProvider<SlowPayments> payments) {
			return (request, response, chain) -> {
				chain.doFilter(request, response);
				if (((HttpServletResponse) response).getStatus() == 409) {
					payments.getObject().refusals.countDown();
				}
			};
		}

	}

}
