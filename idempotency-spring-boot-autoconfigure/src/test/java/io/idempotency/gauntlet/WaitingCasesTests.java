package io.idempotency.gauntlet;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.idempotency.gauntlet.Endpoint.Body;
import io.idempotency.testing.TestApp;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.server.ResponseStatusException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * C2: a request that has waited for one that failed runs as if it had just come.
 */
@ExtendWith(OutputCaptureExtension.class)
class WaitingCasesTests {

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT MEMORY_WAITING []", "JETTY MEMORY_WAITING []",
			"TOMCAT MEMORY_WAITING [TENANT_ONCE]", "JETTY MEMORY_WAITING [TENANT_ONCE]",
			"TOMCAT MEMORY_WAITING [TENANT_PLAIN]", "TOMCAT MEMORY_WAITING [TOKEN]", "JETTY MEMORY_WAITING [TOKEN]",
			"TOMCAT MEMORY_WAITING [FORM_LOGIN]", "TOMCAT MEMORY_WAITING [METHOD_SECURITY]",
			"TOMCAT MEMORY_WAITING [OPEN_IN_VIEW]", "TOMCAT JDBC_WAITING [OPEN_IN_VIEW]",
			"TOMCAT JDBC_TRANSACTIONAL_WAITING [OPEN_IN_VIEW]", "JETTY JDBC_TRANSACTIONAL_WAITING [OPEN_IN_VIEW]",
			"TOMCAT MEMORY_WAITING [HEADERS_BEFORE,PLAIN_FILTER]",
			"TOMCAT MEMORY_WAITING [PLAIN_FILTER_OUTSIDE,HEADERS_AFTER]", "TOMCAT MEMORY_WAITING [CACHING_REQUEST]",
			"TOMCAT MEMORY_WAITING [CACHING_REQUEST_OUTSIDE]", "TOMCAT MEMORY_WAITING [CACHING_RESPONSE]",
			"TOMCAT MEMORY_WAITING [CACHING_RESPONSE_OUTSIDE]", "TOMCAT MEMORY_WAITING [SHALLOW_ETAG]",
			"TOMCAT MEMORY_WAITING [REWRITING]", "TOMCAT MEMORY_WAITING [SPRING_SESSION]",
			"TOMCAT REDIS_WAITING [TENANT_ONCE]" })
	@DisplayName("C2: it has the filters, ThreadLocals, security, EntityManager, body and parts that it would have had")
	void runsAsIfItHadJustCome(String text, CapturedOutput output) {
		int before = output.length();
		Composition composition = Composition.parse(text + " OBJECT");
		try (TestApp app = start(composition)) {
			Map<String, String> headers = new TreeMap<>();
			composition.companies().forEach((company) -> headers.putAll(company.headers(app)));
			for (Body body : List.of(Body.JSON, Body.FORM, Body.MULTIPART)) {
				String path = composition.companies().contains(Company.REWRITING) ? "/v1/once" : "/once";
				String run = TestApp.newKey();
				send(app, path, body, null, run, headers).join();
				Answer expected = Answer.of(send(app, path, body, null, run, headers).join()).withoutFraming();
				assertThat(expected.status()).as("The second run without a key").isEqualTo(200);
				String key = TestApp.newKey();
				CompletableFuture<HttpResponse<byte[]>> first = send(app, path, body, key, key, headers);
				Ledger ledger = app.bean(Ledger.class);
				Cases.await(() -> ledger.isEntered(key) || first.isDone());
				CompletableFuture<HttpResponse<byte[]>> second = send(app, path, body, key, key, headers);
				Cases.await(() -> app.suspendedRequests() == 1 || second.isDone());
				ledger.open(key);
				assertThat(first.join().statusCode()).as("The first request").isEqualTo(500);
				String difference = Answer.of(second.join()).withoutFraming().differenceFrom(expected);
				assertThat(difference).as("Sent as %s: %s", body, difference).isEmpty();
				assertThat(ledger.runs(key)).isEqualTo(2);
				Cases.assertNothingIsLeft(app);
			}
		}
		assertThat(output.toString().substring(before)).doesNotContain("ERROR");
	}

	@ParameterizedTest
	@ValueSource(strings = { "TOMCAT MEMORY_WAITING [OPEN_IN_VIEW]", "TOMCAT MEMORY_WAITING [TOKEN]",
			"TOMCAT MEMORY_WAITING [HEADERS_BEFORE,PLAIN_FILTER]", "JETTY JDBC_TRANSACTIONAL_WAITING [OPEN_IN_VIEW]" })
	@DisplayName("C2: when the first request succeeds, it gets the replay, and nothing is logged as an error")
	void getsReplayWithoutErrorInLog(String text, CapturedOutput output) {
		int before = output.length();
		Composition composition = Composition.parse(text + " OBJECT");
		try (TestApp app = start(composition)) {
			Map<String, String> headers = new TreeMap<>();
			composition.companies().forEach((company) -> headers.putAll(company.headers(app)));
			String key = TestApp.newKey();
			CompletableFuture<HttpResponse<byte[]>> first = send(app, "/always", Body.JSON, key, key, headers);
			Ledger ledger = app.bean(Ledger.class);
			Cases.await(() -> ledger.isEntered(key) || first.isDone());
			CompletableFuture<HttpResponse<byte[]>> second = send(app, "/always", Body.JSON, key, key, headers);
			Cases.await(() -> app.suspendedRequests() == 1 || second.isDone());
			ledger.open(key);
			assertThat(first.join().statusCode()).isEqualTo(200);
			Answer replay = Answer.of(second.join()).withoutFraming();
			assertThat(replay.isReplay()).isTrue();
			String difference = replay.without(List.of("idempotent-replayed"))
				.differenceFrom(Answer.of(first.join()).withoutFraming().without(List.of("set-cookie")));
			assertThat(difference).as(difference).isEmpty();
			assertThat(ledger.runs(key)).isEqualTo(1);
			Cases.assertNothingIsLeft(app);
		}
		assertThat(output.toString().substring(before)).doesNotContain("ERROR");
	}

	private static TestApp start(Composition composition) {
		Set<Company> companies = composition.companies();
		List<Class<?>> configuration = new ArrayList<>(Company.configuration(companies));
		configuration.add(Once.class);
		Stream<String> database = composition.setting().hasDatabase() ? Stream.empty() : Company.database(companies);
		return Cases.start(configuration,
				Stream
					.of(composition.setting().properties(), database,
							companies.stream().flatMap((company) -> company.properties().stream()),
							Stream.of(composition.server().property(), "spring.sql.init.mode=always",
									"spring.sql.init.schema-locations=classpath:io/idempotency/gauntlet/schema.sql"))
					.flatMap((properties) -> properties)
					.toArray(String[]::new));
	}

	private static CompletableFuture<HttpResponse<byte[]>> send(TestApp app, String path, Body body,
			@Nullable String key, String run, Map<String, String> headers) {
		HttpRequest.Builder request = app.request("POST", path, key, body.content().getBytes(StandardCharsets.UTF_8),
				"Content-Type", body.type(), "X-Run", run);
		headers.forEach(request::setHeader);
		if (key != null) {
			request.setHeader("X-Gate", key);
		}
		return Cases.sendAsync(request.build());
	}

	/**
	 * Handlers whose first run fails, in a way that the container does not log.
	 */
	@RestController
	static class Once {

		private final Ledger ledger;

		Once(Ledger ledger) {
			this.ledger = ledger;
		}

		@PostMapping("/always")
		String always(@RequestBody String body) {
			this.ledger.charge();
			return body;
		}

		@PostMapping(path = "/once", consumes = "application/json")
		String body(@RequestBody String body, HttpServletRequest request) {
			return charge(body, request);
		}

		@PostMapping(path = "/once", consumes = "application/x-www-form-urlencoded")
		String form(@RequestParam Map<String, String> form, HttpServletRequest request) {
			return charge(new TreeMap<>(form).toString(), request);
		}

		@PostMapping(path = "/once", consumes = "multipart/form-data")
		String upload(@RequestParam MultipartFile file, @RequestParam String amount, HttpServletRequest request)
				throws Exception {
			return charge(amount + " " + new String(file.getBytes(), StandardCharsets.UTF_8), request);
		}

		private String charge(String body, HttpServletRequest request) {
			this.ledger.charge();
			if (this.ledger.runs(request.getHeader("X-Run")) == 1) {
				throw new ResponseStatusException(HttpStatus.INTERNAL_SERVER_ERROR);
			}
			return body;
		}

	}

}
