package io.idempotency.gauntlet;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Handlers that have returned, and then something fails.
 */
class RenderingCasesTests {

	@Test
	@DisplayName("S7: a retry that accepts what the first request did not is told that the response was not stored")
	void chargesOnceWhateverIsAccepted() {
		try (TestApp app = Cases.start(List.of(Payments.class))) {
			String key = TestApp.newKey();
			assertThat(Cases.post(app, "/payments", key, key, "Accept", "application/xml").statusCode()).isEqualTo(406);
			Cases.assertNotStored(Cases.post(app, "/payments", key, key, "Accept", "text/html"));
			Cases.assertNotStored(Cases.post(app, "/payments", key, key, "Accept", "application/json"));
			assertThat(Cases.runs(app, key)).isEqualTo(1);
			Cases.assertNothingIsLeft(app);
		}
	}

	@Test
	@DisplayName("S7: a produces that does not match is found before the handler runs, and frees the key")
	void freesKeyWhereHandlerDidNotRun() {
		try (TestApp app = Cases.start(List.of(Payments.class))) {
			String key = TestApp.newKey();
			assertThat(Cases.post(app, "/json", key, key, "Accept", "application/xml").statusCode()).isEqualTo(406);
			assertThat(Cases.post(app, "/json", key, key).statusCode()).isEqualTo(200);
			assertThat(Cases.runs(app, key)).isEqualTo(1);
		}
	}

	@Test
	@DisplayName("S7, S1: where errors are stored, the handler does not run again either")
	void chargesOnceWhereErrorsAreStored() {
		try (TestApp app = Cases.start(List.of(Payments.class), "idempotency.store-on-statuses=2xx,4xx,5xx")) {
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = Cases.post(app, "/payments", key, key, "Accept", "application/xml");
			assertThat(first.statusCode()).isEqualTo(406);
			HttpResponse<byte[]> retry = Cases.post(app, "/payments", key, key, "Accept", "application/xml");
			assertThat(retry.statusCode()).isIn(406, 409);
			assertThat(Cases.runs(app, key)).isEqualTo(1);
		}
	}

	@Test
	@DisplayName("S7, S5a: store-on-exception says nothing of answers that cannot be rendered")
	void chargesOnceWhereExceptionsAreNotStored() {
		try (TestApp app = Cases.start(List.of(Payments.class), "idempotency.store-on-statuses=2xx,4xx,5xx",
				"idempotency.store-on-exception=false")) {
			String key = TestApp.newKey();
			assertThat(Cases.post(app, "/payments", key, key, "Accept", "application/xml").statusCode()).isEqualTo(406);
			assertThat(Cases.post(app, "/payments", key, key).statusCode()).isIn(406, 409);
			assertThat(Cases.runs(app, key)).isEqualTo(1);
		}
	}

	@Test
	@DisplayName("S7: a result that came later, and that something else answered, was not stored")
	void chargesOnceWhereLaterResultIsAnsweredByAnother() {
		try (TestApp app = Cases.start(List.of(Later.class, Overloaded.class))) {
			String key = TestApp.newKey();
			assertThat(Cases.post(app, "/later", key, key).statusCode()).isEqualTo(503);
			Cases.assertNotStored(Cases.post(app, "/later", key, key));
			assertThat(Cases.runs(app, key)).isEqualTo(1);
			Cases.assertNothingIsLeft(app);
		}
	}

	@Test
	@DisplayName("T2: an exception resolver that fails at a failed commit ends in an error, not in an empty success")
	void answersFailedCommitWhoseResolverFails() {
		try (TestApp app = startWithDeferredConstraint(WithFailure.class)) {
			String key = TestApp.newKey();
			for (int run = 1; run <= 2; run++) {
				HttpResponse<byte[]> answer = Cases.post(app, "/with-failure", key, key);
				assertThat(answer.statusCode()).isEqualTo(500);
				assertThat(Cases.isReplay(answer)).isFalse();
				assertThat(Cases.runs(app, key)).as("The key is free").isEqualTo(run);
			}
			Cases.assertNothingIsLeft(app);
		}
	}

	/**
	 * The run is rejected by the database, at the commit.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "/with-view", "/with-redirect", "/with-body" })
	@DisplayName("T2: an exception handler may answer a failed commit with a view, too")
	void answersFailedCommitByView(String path) {
		try (TestApp app = startWithDeferredConstraint(WithView.class, WithRedirect.class, WithBody.class)) {
			String key = TestApp.newKey();
			for (int run = 1; run <= 2; run++) {
				HttpResponse<byte[]> answer = Cases.post(app, path, key, key);
				switch (path) {
					case "/with-view" -> {
						assertThat(answer.statusCode()).isEqualTo(409);
						assertThat(TestApp.text(answer)).contains("<p>It was taken</p>");
					}
					case "/with-redirect" -> {
						assertThat(answer.statusCode()).isEqualTo(302);
						assertThat(answer.headers().firstValue("Location"))
							.hasValueSatisfying((location) -> assertThat(location).endsWith("/taken"));
					}
					default -> {
						assertThat(answer.statusCode()).isEqualTo(409);
						assertThat(TestApp.text(answer)).isEqualTo("taken");
					}
				}
				assertThat(Cases.isReplay(answer)).isFalse();
				assertThat(Cases.runs(app, key)).as("The key is free").isEqualTo(run);
				assertThat(app.bean(Ledger.class).rows(key)).as("The charge was rolled back").isZero();
			}
			Cases.assertNothingIsLeft(app);
		}
	}

	private static TestApp startWithDeferredConstraint(Class<?>... controllers) {
		List<Class<?>> configuration = new ArrayList<>(List.of(controllers));
		configuration.add(Deferred.class);
		String[] database = DatabaseKind.POSTGRESQL.newDatabase().properties();
		TestApp app = Cases.start(configuration, database[0], database[1], database[2], database[3],
				"idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always",
				"idempotency.jdbc.transactional=true", "spring.sql.init.mode=always",
				"spring.sql.init.schema-locations=classpath:io/idempotency/gauntlet/schema.sql");
		JdbcClient client = app.bean(JdbcClient.class);
		client.sql("create table once (name varchar(100) unique deferrable initially deferred)").update();
		client.sql("insert into once values ('taken')").update();
		return app;
	}

	@RestController
	static class Later {

		private final Ledger ledger;

		Later(Ledger ledger) {
			this.ledger = ledger;
		}

		@PostMapping("/later")
		Callable<String> pay() {
			Runnable charge = this.ledger.later();
			return () -> {
				charge.run();
				return "paid";
			};
		}

	}

	/**
	 * Answers the dispatch that brings a result by itself.
	 */
	@Configuration(proxyBeanMethods = false)
	static class Overloaded implements WebMvcConfigurer, HandlerInterceptor {

		@Override
		public void addInterceptors(InterceptorRegistry registry) {
			registry.addInterceptor(this);
		}

		@Override
		public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
			if (request.getDispatcherType() == DispatcherType.ASYNC) {
				response.setStatus(503);
				return false;
			}
			return true;
		}

	}

	@RestController
	static class Payments {

		private final Ledger ledger;

		Payments(Ledger ledger) {
			this.ledger = ledger;
		}

		@PostMapping("/payments")
		Map<String, Object> pay() {
			this.ledger.charge();
			return Map.of("paid", true);
		}

		@PostMapping(path = "/json", produces = "application/json")
		Map<String, Object> json() {
			return pay();
		}

	}

	/**
	 * What violates a constraint that is looked at when the transaction is committed.
	 */
	static class Deferred {

		private final Ledger ledger;

		private final JdbcClient database;

		Deferred(Ledger ledger, JdbcClient database) {
			this.ledger = ledger;
			this.database = database;
		}

		String charge() {
			this.ledger.charge();
			this.database.sql("insert into once values ('taken')").update();
			return "redirect:/paid";
		}

	}

	@Controller
	static class WithView {

		private final Deferred deferred;

		WithView(Deferred deferred) {
			this.deferred = deferred;
		}

		@PostMapping("/with-view")
		String pay() {
			return this.deferred.charge();
		}

		@ExceptionHandler
		@ResponseStatus(HttpStatus.CONFLICT)
		String answer(DataIntegrityViolationException ex, Model model) {
			model.addAttribute("greeting", "It was taken");
			return "gauntlet/view";
		}

	}

	@Controller
	static class WithRedirect {

		private final Deferred deferred;

		WithRedirect(Deferred deferred) {
			this.deferred = deferred;
		}

		@PostMapping("/with-redirect")
		String pay() {
			return this.deferred.charge();
		}

		@ExceptionHandler
		String answer(DataIntegrityViolationException ex) {
			return "redirect:/taken";
		}

	}

	@Controller
	static class WithBody {

		private final Deferred deferred;

		WithBody(Deferred deferred) {
			this.deferred = deferred;
		}

		@PostMapping("/with-body")
		String pay(@RequestHeader("X-Run") String run) {
			return this.deferred.charge();
		}

		@ExceptionHandler
		@ResponseBody
		@ResponseStatus(HttpStatus.CONFLICT)
		String answer(DataIntegrityViolationException ex) {
			return "taken";
		}

	}

	@RestController
	static class WithFailure {

		private final Deferred deferred;

		WithFailure(Deferred deferred) {
			this.deferred = deferred;
		}

		@PostMapping("/with-failure")
		String pay() {
			return this.deferred.charge();
		}

		@Bean
		static HandlerExceptionResolver failing() {
			return (request, response, handler, ex) -> {
				throw new IllegalStateException("Cannot resolve", ex);
			};
		}

	}

}
