package io.idempotency.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.support.StaticMessageSource;
import org.springframework.core.annotation.Order;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a client that is refused gets, with Spring Boot's own problem details and without.
 */
@ParameterizedClass
@ValueSource(booleans = { false, true })
@ExtendWith(OutputCaptureExtension.class)
class ProblemTests {

	private static final String KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324";

	private final boolean problemDetails;

	private final String[] properties;

	ProblemTests(boolean problemDetails) {
		this.problemDetails = problemDetails;
		this.properties = new String[] { "idempotency.mode=required",
				"spring.mvc.problemdetails.enabled=" + problemDetails };
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("E1: each refusal is a problem detail, for every kind of handler and whatever the client accepts")
	void answersProblemDetail(Refusal refusal) {
		TestApp app = app(List.of());
		for (String path : RefusedThings.paths()) {
			for (String accept : accepted(path)) {
				HttpResponse<byte[]> response = refuse(app, refusal, path, "Accept", accept);
				assertThat(response.statusCode()).as("%s, %s", path, accept).isEqualTo(refusal.status());
				assertThat(response.headers().firstValue("Content-Type")).as("%s, %s", path, accept)
					.hasValue("application/problem+json");
				assertProblem(response, refusal);
			}
			assertThat(app.bean(Runs.class).count(path.substring(path.lastIndexOf('/') + 1))).isZero();
		}
	}

	private static List<String> accepted(String path) {
		return path.startsWith("/pdf") ? List.of("*/*", "application/pdf")
				: List.of("*/*", "text/html", "application/xml", "image/png;q=0.5");
	}

	private static void assertProblem(HttpResponse<byte[]> response, Refusal refusal) {
		JsonNode problem = problem(response);
		assertThat(problem.path("type").asString()).isEqualTo("urn:idempotency:problem:" + refusal.slug());
		assertThat(problem.path("title").asString("")).isNotBlank();
		assertThat(problem.path("detail").asString("")).contains(refusal.advice());
		assertThat(problem.path("status").asInt()).isEqualTo(refusal.status());
		assertThat(response.headers().firstValue("Retry-After").isPresent()).isEqualTo(refusal.hasRetryAfter());
		assertThat(response.headers().firstValue("Link")).isEmpty();
		assertThat(response.headers().firstValue("Idempotent-Replayed")).isEmpty();
	}

	@Test
	@DisplayName("E1: each reason has its own title")
	void hasTitleForEachReason() {
		Set<String> titles = new HashSet<>();
		Set<String> slugs = new HashSet<>();
		for (Refusal refusal : Refusal.values()) {
			titles.add(problem(refuse(app(List.of()), refusal, "/body/x")).path("title").asString());
			slugs.add(refusal.slug());
		}
		assertThat(titles).hasSameSizeAs(slugs);
		slugs.add(IdempotencyException.Reason.WAIT_TIMEOUT.slug()); // see WaitingTests
		slugs.add(IdempotencyException.Reason.RESUME_FAILED.slug()); // see StepTests
		assertThat(slugs).hasSameSizeAs(IdempotencyException.Reason.values());
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("E1: statuses and the address of the documentation can be configured")
	void answersConfiguredStatus(Refusal refusal) {
		TestApp app = app(List.of(), "idempotency.missing-key-status=428", "idempotency.invalid-key-status=400",
				"idempotency.mismatch-status=412", "idempotency.conflict-status=423", "idempotency.retry-after=1500ms",
				"idempotency.problem-base-uri=https://example.org/docs/errors");
		int expected = switch (refusal.slug()) {
			case "key-missing" -> 428;
			case "key-invalid" -> 400;
			case "key-reused" -> 412;
			case "in-progress", "outcome-unknown" -> 423;
			default -> refusal.status();
		};
		String type = "https://example.org/docs/errors#" + refusal.slug();
		for (String path : RefusedThings.paths()) {
			HttpResponse<byte[]> response = refuse(app, refusal, path);
			assertThat(response.statusCode()).as(path).isEqualTo(expected);
			assertThat(problem(response).path("status").asInt()).isEqualTo(expected);
			assertThat(problem(response).path("type").asString()).isEqualTo(type);
			assertThat(response.headers().allValues("Link")).containsExactly("<" + type + ">; rel=\"describedby\"");
			assertThat(response.headers().firstValue("Retry-After").orElse("none"))
				.isEqualTo(refusal.hasRetryAfter() ? "2" : "none");
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("E2: an @ExceptionHandler of the application takes a refusal over")
	void letsApplicationTakeOver(Refusal refusal) {
		TestApp app = app(List.of(this.problemDetails ? EarlyOwnErrors.class : OwnErrors.class));
		for (String path : RefusedThings.paths()) {
			HttpResponse<byte[]> response = refuse(app, refusal, path);
			assertThat(response.statusCode()).as(path).isEqualTo(499);
			assertThat(TestApp.text(response)).isEqualTo("sorry: " + refusal.slug());
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("E2: a MessageSource gives the texts, in the client's language")
	void takesTextsFromMessageSource(Refusal refusal) {
		TestApp app = app(List.of(GermanTexts.class));
		for (String path : RefusedThings.paths()) {
			JsonNode german = problem(refuse(app, refusal, path, "Accept-Language", "de"));
			assertThat(german.path("title").asString()).as(path).isEqualTo("Titel von " + refusal.slug());
			assertThat(german.path("detail").asString()).as(path).isEqualTo("Rat zu " + refusal.slug());
			assertThat(german.path("type").asString()).isEqualTo("urn:idempotency:problem:" + refusal.slug());
			JsonNode english = problem(refuse(app, refusal, path, "Accept-Language", "en"));
			assertThat(english.path("detail").asString()).contains(refusal.advice());
		}
	}

	@Test
	@DisplayName("E3: neither a body nor a log line shows a key or a body in full")
	void keepsKeySecret(CapturedOutput output) {
		List<String> bodies = new ArrayList<>();
		try (TestApp app = TestApp.start(configuration(List.of()), StoreKind.MEMORY,
				with("logging.level.io.idempotency=trace"))) {
			for (Refusal refusal : Refusal.values()) {
				bodies.add(TestApp.text(refuse(app, refusal, "/body/x")));
			}
			app.bean(ObservedStores.class).answer(null);
			app.post("/body/x", KEY, "{\"card\":\"4111111111111111\"}");
			bodies.add(TestApp.text(app.post("/body/x", KEY, "{\"card\":\"5500000000000004\"}")));
		}
		assertThat(bodies).hasSize(Refusal.values().length + 1)
			.allSatisfy((body) -> assertThat(body).startsWith("{").doesNotContain(KEY, "4111111111111111"));
		assertThat(output).contains("A request is refused")
			.doesNotContain(KEY, KEY.substring(0, 18), "4111111111111111", "5500000000000004");
	}

	@Test
	@DisplayName("E4: by default a request is refused when the store fails, with one line in the log")
	void refusesWhenStoreFails(CapturedOutput output) {
		TestApp app = app(List.of());
		assertThat(refuse(app, Refusal.STORE_UNAVAILABLE, "/body/x").statusCode()).isEqualTo(503);
		assertThat(output).containsOnlyOnce("does not answer: java.lang.IllegalStateException: The store is away")
			.doesNotContain("\tat ");
	}

	@Test
	@DisplayName("E4: on-store-failure=proceed runs a request unprotected when the store fails, and the log says that it does")
	void runsUnprotectedWhenStoreFails(CapturedOutput output) {
		TestApp app = app(List.of(), "idempotency.on-store-failure=proceed");
		for (String path : RefusedThings.paths()) {
			String name = path.substring(path.lastIndexOf('/') + 1);
			int before = app.bean(Runs.class).count(name);
			for (int run = 1; run <= 2; run++) {
				HttpResponse<byte[]> response = refuse(app, Refusal.STORE_UNAVAILABLE, path);
				assertThat(response.statusCode()).as(path).isIn(200, 302);
				assertThat(response.headers().firstValue("Idempotent-Replayed")).isEmpty();
			}
			assertThat(app.bean(Runs.class).count(name)).as(path).isEqualTo(before + 2);
		}
		assertThat(output).contains("does not answer: java.lang.IllegalStateException: The store is away")
			.doesNotContain("\tat ");
	}

	@Test
	@DisplayName("E4: on-store-failure=proceed runs no request whose record is there but unreadable")
	void refusesUnreadableRecord() {
		TestApp app = app(List.of(), "idempotency.on-store-failure=proceed");
		assertThat(refuse(app, Refusal.RECORD_UNREADABLE, "/body/unreadable").statusCode()).isEqualTo(503);
		assertThat(app.bean(Runs.class).count("unreadable")).isZero();
	}

	private TestApp app(List<Class<?>> configuration, String... more) {
		return TestApp.shared(configuration(configuration), StoreKind.MEMORY, with(more));
	}

	private static List<Class<?>> configuration(List<Class<?>> more) {
		List<Class<?>> configuration = new ArrayList<>(more);
		configuration.add(RefusedThings.class);
		return configuration;
	}

	private String[] with(String... more) {
		String[] all = Arrays.copyOf(this.properties, this.properties.length + more.length);
		System.arraycopy(more, 0, all, this.properties.length, more.length);
		return all;
	}

	private static HttpResponse<byte[]> refuse(TestApp app, Refusal refusal, String path, String... headers) {
		if (refusal.answer() != null) {
			awaitStore(app);
		}
		app.bean(ObservedStores.class).answer(refusal.answer());
		return app.post(path, refusal.header(KEY), "{}", headers);
	}

	/**
	 * A store that has failed is not asked again before it was found to be back.
	 */
	private static void awaitStore(TestApp app) {
		app.bean(ObservedStores.class).answer(null);
		await().pollInterval(Duration.ofMillis(20)).until(() -> {
			String key = TestApp.newKey();
			app.post("/body/back", key, "{}");
			return app.post("/body/back", key, "{}").headers().firstValue("Idempotent-Replayed").isPresent();
		});
	}

	private static JsonNode problem(HttpResponse<byte[]> response) {
		return JsonMapper.shared().readTree(response.body());
	}

	@RestControllerAdvice
	static class OwnErrors {

		@ExceptionHandler
		ResponseEntity<String> sorry(IdempotencyException ex) {
			return ResponseEntity.status(499).body("sorry: " + ex.getReason().slug());
		}

	}

	/**
	 * Spring Boot's problem details come from an advice of order 0, which an application
	 * that wants to be asked first has to go before.
	 */
	@Order(-1)
	static class EarlyOwnErrors extends OwnErrors {

	}

	static class GermanTexts {

		@Bean
		StaticMessageSource messageSource() {
			StaticMessageSource messages = new StaticMessageSource();
			for (IdempotencyException.Reason reason : IdempotencyException.Reason.values()) {
				String code = IdempotencyException.class.getName() + "." + reason.slug();
				messages.addMessage("problemDetail.title." + code, Locale.GERMAN, "Titel von " + reason.slug());
				messages.addMessage("problemDetail." + code, Locale.GERMAN, "Rat zu " + reason.slug());
			}
			return messages;
		}

	}

}
