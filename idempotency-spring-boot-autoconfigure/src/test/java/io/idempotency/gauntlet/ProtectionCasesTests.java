package io.idempotency.gauntlet;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import io.idempotency.testing.TestApp;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.web.error.ErrorPage;
import org.springframework.boot.web.error.ErrorPageRegistrar;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurationSupport;
import org.springframework.web.servlet.function.RequestPredicates;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

/**
 * Handlers that are to be protected are, or the application does not start.
 */
@ExtendWith(OutputCaptureExtension.class)
class ProtectionCasesTests {

	@ParameterizedTest
	@CsvSource({ "support, annotated", "support, required", "mapping, annotated", "mapping, required" })
	@DisplayName("M9: @Idempotent and mode=required count in every mapping, or the application does not start")
	void protectsHandlerInMappingOfApplication(String replaced, String mode, CapturedOutput output) {
		Class<?> configuration = replaced.equals("support") ? Support.class : Interceptors.SecondMapping.class;
		List<Class<?>> sources = List.of(configuration, Surroundings.class, Refunds.class);
		TestApp app;
		try {
			app = Cases.start(sources, "idempotency.mode=" + mode);
		}
		catch (RuntimeException ex) {
			assertThat(output).contains("APPLICATION FAILED TO START").contains("Action:").contains("dempoten");
			return;
		}
		try (app) {
			String run = TestApp.newKey();
			assertThat(Cases.post(app, "/refunds", null, run).statusCode()).as("The status without a key")
				.isEqualTo(400);
			assertThat(Cases.runs(app, run)).isZero();
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = Cases.post(app, "/refunds", key, key);
			Cases.assertReplay(Cases.post(app, "/refunds", key, key), first);
			assertThat(Cases.runs(app, key)).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@ValueSource(classes = { PrivateMethod.class, FinalMethod.class, PrivateMethodOfController.class })
	@DisplayName("M10: @Idempotent on a method that nothing can protect keeps the application from starting")
	void refusesAnnotationThatNothingServes(Class<?> mistake, CapturedOutput output) {
		assertDoesNotStart(mistake);
		assertThat(output).contains("APPLICATION FAILED TO START").contains("charge").contains("Action:");
	}

	@Test
	@DisplayName("M10: manual = true without a parameter of type IdempotencyContext keeps the application from starting")
	void refusesManualHandlerWithoutContext(CapturedOutput output) {
		assertDoesNotStart(ManualWithoutContext.class);
		assertThat(output).contains("APPLICATION FAILED TO START").contains("charge").contains("IdempotencyContext");
	}

	@Test
	@DisplayName("M10: manual = true with the parameter is no mistake")
	void startsWithManualHandler() {
		try (TestApp app = Cases.start(List.of(Manual.class))) {
			String key = TestApp.newKey();
			assertThat(TestApp.text(Cases.post(app, "/charge", key, key))).isEqualTo("retry false");
			assertThat(TestApp.text(Cases.post(app, "/charge", key, key))).isEqualTo("retry true");
		}
	}

	@Test
	@DisplayName("M4: @Idempotent on a class asks its unsafe handlers for a key, and no other")
	void asksUnsafeHandlersOfClass() {
		try (TestApp app = Cases.start(List.of(Refunds.class))) {
			assertThat(get(app, "/refunds").statusCode()).isEqualTo(200);
			assertThat(Cases.post(app, "/refunds", null, "refused").statusCode()).isEqualTo(400);
		}
	}

	@Test
	@DisplayName("M4: @Idempotent on a handler for safe and unsafe methods asks for a key for the unsafe ones")
	void asksForUnsafeMethodsOfHandler() {
		try (TestApp app = Cases.start(List.of(Mixed.class))) {
			assertThat(get(app, "/mixed").statusCode()).isEqualTo(200);
			assertThat(Cases.post(app, "/mixed", null, "refused").statusCode()).isEqualTo(400);
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = Cases.post(app, "/mixed", key, key);
			Cases.assertReplay(Cases.post(app, "/mixed", key, key), first);
		}
	}

	@Test
	@DisplayName("M4: @Idempotent on a method that serves GET alone was meant")
	void asksSafeHandlerThatIsAnnotated() {
		try (TestApp app = Cases.start(List.of(Mixed.class))) {
			assertThat(get(app, "/safe").statusCode()).isEqualTo(400);
			assertThat(get(app, "/optional").statusCode()).isEqualTo(200);
		}
	}

	@Test
	@DisplayName("M11: where keys are required, an error page that a WAR's filter forwards to asks for none")
	void asksNoErrorPageForKey() {
		try (TestApp app = Cases.start(List.of(Mixed.class, Filters.ErrorPages.class, Errors.class),
				"idempotency.mode=required")) {
			assertThat(Cases.post(app, "/nowhere", null, "x").statusCode()).isEqualTo(404);
			assertThat(Cases.post(app, "/safe", null, "x").statusCode()).isEqualTo(405);
			assertThat(Cases.post(app, "/exempt-403", null, "x").statusCode()).isEqualTo(403);
		}
	}

	@Test
	@DisplayName("M11, S1: where errors are stored, the error page of one request is not that of another")
	void claimsNoKeyForErrorPage() {
		try (TestApp app = Cases.start(List.of(Mixed.class, Filters.ErrorPages.class, Errors.class),
				"idempotency.store-on-statuses=2xx,4xx,5xx")) {
			String key = TestApp.newKey();
			HttpResponse<byte[]> missing = Cases.post(app, "/nowhere", key, "x");
			assertThat(missing.statusCode()).isEqualTo(404);
			HttpResponse<byte[]> forbidden = Cases.post(app, "/exempt-403", key, "x");
			assertThat(forbidden.statusCode()).isEqualTo(403);
			assertThat(Cases.isReplay(forbidden)).isFalse();
			assertThat(TestApp.text(forbidden)).contains("/exempt-403");
			Cases.assertNothingIsLeft(app);
		}
	}

	@Test
	@DisplayName("M11: where keys are required, an error page made of functions asks for none and claims none")
	void asksNoFunctionalErrorPageForKey() {
		try (TestApp app = Cases.start(List.of(Mixed.class, FunctionalErrors.class), "idempotency.mode=required",
				"idempotency.store-on-statuses=2xx,4xx,5xx")) {
			HttpResponse<byte[]> keyless = Cases.post(app, "/nowhere", null, "x");
			assertThat(keyless.statusCode()).isEqualTo(404);
			assertThat(TestApp.text(keyless)).isEqualTo("error 404");
			String key = TestApp.newKey();
			for (int i = 0; i < 2; i++) {
				HttpResponse<byte[]> missing = Cases.post(app, "/nowhere", key, "x");
				assertThat(missing.statusCode()).isEqualTo(404);
				assertThat(Cases.isReplay(missing)).isFalse();
			}
			Cases.assertNothingIsLeft(app);
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "LOCK", "PROPFIND", "post" })
	@DisplayName("M4: a method that no one protects claims nothing, whatever the handler is annotated with")
	void claimsNothingForUnusualMethod(String method) {
		try (TestApp app = Cases.start(List.of(EveryMethod.class))) {
			String key = TestApp.newKey();
			HttpResponse<byte[]> response = app
				.send(app.request(method, "/every", key, "{}".getBytes(StandardCharsets.UTF_8), "X-Run", key).build());
			assertThat(Cases.isReplay(response)).isFalse();
			assertThat(response.statusCode()).isNotEqualTo(500);
			Cases.assertNothingIsLeft(app);
		}
	}

	@Test
	@DisplayName("M10: an annotation that a bean inherits from the interface of a remote service is no mistake")
	void startsWithBeanThatImplementsAnnotatedInterface() {
		try (TestApp app = Cases.start(List.of(Fallback.class, Mixed.class))) {
			assertThat(get(app, "/optional").statusCode()).isEqualTo(200);
		}
	}

	private static HttpResponse<byte[]> get(TestApp app, String path) {
		return app.send(app.request("GET", path, null, new byte[0], "X-Run", "get").build());
	}

	private static void assertDoesNotStart(Class<?> mistake) {
		TestApp app;
		try {
			app = Cases.start(List.of(mistake));
		}
		catch (RuntimeException ex) {
			return;
		}
		app.close();
		fail("The application with " + mistake.getSimpleName() + " starts");
	}

	@Configuration(proxyBeanMethods = false)
	static class Support extends WebMvcConfigurationSupport {

	}

	@RestController
	@Idempotent
	static class Refunds {

		private final Ledger ledger;

		Refunds(Ledger ledger) {
			this.ledger = ledger;
		}

		@PostMapping("/refunds")
		Map<String, Object> refund() {
			this.ledger.charge();
			return Map.of("refunded", true);
		}

		@GetMapping("/refunds")
		List<String> refunds() {
			return List.of();
		}

	}

	@RestController
	static class Mixed {

		private final Ledger ledger;

		Mixed(Ledger ledger) {
			this.ledger = ledger;
		}

		@Idempotent
		@RequestMapping(path = "/mixed", method = { RequestMethod.GET, RequestMethod.POST })
		String mixed() {
			this.ledger.charge();
			return "mixed";
		}

		@Idempotent
		@GetMapping("/safe")
		String safe() {
			return "safe";
		}

		@Idempotent(optional = true)
		@GetMapping("/optional")
		String optional() {
			return "optional";
		}

	}

	@RestController
	static class Errors {

		@IdempotencyExempt
		@PostMapping("/exempt-403")
		void forbidden(HttpServletResponse response) throws IOException {
			response.sendError(403);
		}

	}

	@Service
	static class PrivateMethod {

		public String call() {
			return charge();
		}

		@Idempotent
		private String charge() {
			return "charged";
		}

	}

	@Service
	static class FinalMethod {

		@Idempotent
		public final String charge() {
			return "charged";
		}

	}

	@RestController
	static class PrivateMethodOfController {

		@PostMapping("/pay")
		String pay() {
			return charge();
		}

		@Idempotent
		private String charge() {
			return "charged";
		}

	}

	@RestController
	static class ManualWithoutContext {

		@Idempotent(manual = true)
		@PostMapping("/charge")
		String charge() {
			return "charged";
		}

	}

	@RestController
	static class Manual {

		@Idempotent(manual = true)
		@PostMapping("/charge")
		String charge(@Nullable IdempotencyContext context) {
			return "retry " + ((context != null) ? context.isRetry() : null);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class FunctionalErrors {

		@Bean
		RouterFunction<ServerResponse> errors() {
			return RouterFunctions.route()
				.route(RequestPredicates.path("/failure"),
						(request) -> ServerResponse
							.status((int) request.attribute(RequestDispatcher.ERROR_STATUS_CODE).orElse(500))
							.body("error " + request.attribute(RequestDispatcher.ERROR_STATUS_CODE).orElse(500)))
				.build();
		}

		@Bean
		ErrorPageRegistrar errorPages() {
			return (registry) -> registry.addErrorPages(new ErrorPage(HttpStatus.NOT_FOUND, "/failure"));
		}

	}

	@RestController
	static class EveryMethod {

		private final Ledger ledger;

		EveryMethod(Ledger ledger) {
			this.ledger = ledger;
		}

		@Idempotent
		@RequestMapping("/every")
		String every() {
			this.ledger.charge();
			return "every";
		}

	}

	interface RemotePayments {

		@Idempotent
		String charge();

	}

	@Service
	static class Fallback implements RemotePayments {

		@Override
		public final String charge() {
			return "charged";
		}

	}

}
