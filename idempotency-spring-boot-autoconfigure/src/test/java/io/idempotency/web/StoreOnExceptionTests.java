package io.idempotency.web;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.Callable;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

@Tag("quick")
class StoreOnExceptionTests {

	private final TestApp app = TestApp.shared(List.of(Handlers.class), StoreKind.MEMORY,
			"idempotency.store-on-statuses=200-599", "idempotency.store-on-exception=false",
			"idempotency.response-content-types=application/json");

	@ParameterizedTest
	@ValueSource(strings = { "/throws", "/throws-later" })
	@DisplayName("S5: with store-on-exception=false, a handler that throws frees its key, though errors are stored")
	void runsAgainAfterException(String path) {
		String key = TestApp.newKey();
		assertThat(this.app.post(path, key, "{}").statusCode()).isEqualTo(500);
		assertThat(this.app.post(path, key, "{}").headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(this.app.bean(Runs.class).count(key)).isEqualTo(2);
	}

	@Test
	@DisplayName("S1: with store-on-exception=false, the error page that a handler asks for is stored")
	void storesErrorPageThatHandlerAsksFor() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/sends-error", key, "{}");
		assertThat(first.statusCode()).isEqualTo(500);
		assertThat(this.app.post("/sends-error", key, "{}").body()).isEqualTo(first.body());
		assertThat(this.app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "{\"a\": 1}", "[]", "null", " 1 " })
	@DisplayName("S2: where JSON alone is stored, a body without a type is stored if it is JSON")
	void storesUntypedJson(String body) {
		assertThat(repeat(body).headers().firstValue("Idempotent-Replayed")).isPresent();
	}

	@ParameterizedTest
	@ValueSource(strings = { "text", "{\"a\": 1", "[] []", " " })
	@DisplayName("S2: where JSON alone is stored, a body without a type is not stored if it is not JSON")
	void doesNotStoreOtherUntypedBody(String body) {
		assertThat(repeat(body).headers().firstValue("Idempotent-Replayed")).isEmpty();
	}

	private HttpResponse<byte[]> repeat(String body) {
		String key = TestApp.newKey();
		assertThat(TestApp.text(this.app.post("/untyped", key, body))).isEqualTo(body);
		HttpResponse<byte[]> retry = this.app.post("/untyped", key, body);
		assertThat(TestApp.text(retry)).isEqualTo(body);
		return retry;
	}

	@RestController
	@Import(Runs.class)
	static class Handlers {

		private final Runs runs;

		Handlers(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/throws")
		void fail(@RequestHeader("Idempotency-Key") String key) {
			throw new IllegalStateException("Run " + this.runs.next(key));
		}

		@PostMapping("/throws-later")
		Callable<String> failLater(@RequestHeader("Idempotency-Key") String key) {
			return () -> {
				throw new IllegalStateException("Run " + this.runs.next(key));
			};
		}

		@PostMapping("/sends-error")
		void sendError(@RequestHeader("Idempotency-Key") String key, HttpServletResponse response) throws IOException {
			this.runs.next(key);
			response.sendError(500);
		}

		@PostMapping("/untyped")
		void write(@RequestBody byte[] body, HttpServletResponse response) throws IOException {
			response.getOutputStream().write(body);
		}

	}

}
