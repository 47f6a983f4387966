package io.idempotency.web;

import java.net.http.HttpResponse;
import java.util.List;

import io.idempotency.Idempotent;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.http.ResponseEntity;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Refusals in an application that answers every exception by itself.
 */
class CatchAllAdviceTests {

	@Test
	@DisplayName("E1: an application that answers all exceptions answers refusals, too")
	void catchesAll() {
		HttpResponse<byte[]> answer = post(CatchAll.class);
		assertThat(answer.statusCode()).isEqualTo(500);
		assertThat(TestApp.text(answer)).isEqualTo("something is wrong");
	}

	@Test
	@DisplayName("E1: it leaves refusals alone by a handler that returns them")
	void leavesRefusalsAlone() {
		assertRefused(post(CatchAllButRefusals.class));
	}

	@Test
	@DisplayName("E1: or by Spring's own base class")
	void leavesRefusalsToBaseClass() {
		assertRefused(post(CatchAllInBaseClass.class));
	}

	private static void assertRefused(HttpResponse<byte[]> answer) {
		assertThat(answer.statusCode()).isEqualTo(400);
		assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
		assertThat(TestApp.text(answer)).contains("urn:idempotency:problem:key-missing");
	}

	private static HttpResponse<byte[]> post(Class<?> advice) {
		return TestApp.shared(List.of(Payments.class, advice), StoreKind.MEMORY).post("/payments", null, "{}");
	}

	@RestController
	static class Payments {

		@PostMapping("/payments")
		@Idempotent
		String pay() {
			return "paid";
		}

	}

	@RestControllerAdvice
	static class CatchAll {

		@ExceptionHandler(Exception.class)
		ResponseEntity<String> wrong() {
			return ResponseEntity.internalServerError().body("something is wrong");
		}

	}

	@RestControllerAdvice
	static class CatchAllButRefusals extends CatchAll {

		@ExceptionHandler
		ErrorResponse refused(IdempotencyException refusal) {
			return refusal;
		}

	}

	@RestControllerAdvice
	static class CatchAllInBaseClass extends ResponseEntityExceptionHandler {

		@ExceptionHandler(RuntimeException.class)
		ResponseEntity<String> wrong() {
			return ResponseEntity.internalServerError().body("something is wrong");
		}

	}

}
