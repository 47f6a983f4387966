package io.idempotency.web;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

import static org.assertj.core.api.Assertions.assertThat;

@ParameterizedClass
@EnumSource
class StoredResponsesTests {

	private final TestApp standard;

	private final TestApp withErrors;

	private final TestApp jsonOnly;

	StoredResponsesTests(StoreKind store) {
		this.standard = TestApp.shared(List.of(Answers.class), store, "idempotency.max-response-size=1000B");
		this.withErrors = TestApp.shared(List.of(Answers.class), store,
				"idempotency.store-on-statuses=201,400-499,500,503");
		this.jsonOnly = TestApp.shared(List.of(Answers.class), store,
				"idempotency.response-content-types=application/json,application/*+json",
				"idempotency.max-response-size=1000B");
	}

	// S1
	@ParameterizedTest
	@ValueSource(ints = { 200, 201, 202, 204, 301, 303, 304 })
	void storesSuccessAndRedirectionByDefault(int status) {
		assertReplayed(this.standard, "/status?status=" + status);
	}

	// S1
	@ParameterizedTest
	@ValueSource(ints = { 400, 404, 409, 422, 500, 503 })
	void runsAgainAfterErrorByDefault(int status) {
		assertRunsAgain(this.standard, "/status?status=" + status);
	}

	// S1
	@ParameterizedTest
	@ValueSource(ints = { 201, 400, 404, 499, 500, 503 })
	void storesConfiguredStatuses(int status) {
		assertReplayed(this.withErrors, "/status?status=" + status);
	}

	// S1
	@ParameterizedTest
	@ValueSource(ints = { 200, 204, 303, 501, 502 })
	void runsAgainAfterStatusThatIsNotConfigured(int status) {
		assertRunsAgain(this.withErrors, "/status?status=" + status);
	}

	// S1
	@ParameterizedTest
	@ValueSource(strings = { "/handled", "/status-exception", "/send-error", "/send-error-async", "/unhandled",
			"/unhandled-async" })
	void storesErrorThatClientSaw(String path) {
		HttpResponse<byte[]> first = assertReplayed(this.withErrors, path);
		assertThat(first.statusCode()).isGreaterThanOrEqualTo(400);
		if (!path.equals("/handled")) {
			assertThat(TestApp.text(first)).contains("\"timestamp\":");
		}
	}

	// S1, S5
	@ParameterizedTest
	@ValueSource(strings = { "/handled", "/status-exception", "/send-error", "/send-error-async", "/unhandled",
			"/unhandled-async" })
	void runsAgainAfterErrorThatIsNotStored(String path) {
		assertRunsAgain(this.standard, path);
	}

	// S7
	@Test
	void refusesRetryWhenAnswerCannotBeRendered() {
		assertNotStored("/unreadable");
	}

	// S7
	@Test
	void refusesRetryWhenErrorPageItselfFails() {
		assertNotStored(this.withErrors, "/send-error-with-type");
	}

	// S2
	@ParameterizedTest
	@ValueSource(strings = { "application/json", "application/json;charset=UTF-8", "application/problem+json",
			"application/vnd.x+json;v=1" })
	void storesConfiguredContentTypes(String type) {
		assertReplayed(this.jsonOnly, "/typed", "X-Type", type);
		assertReplayed(this.jsonOnly, "/typed-by-hand", "X-Type", type);
	}

	// S2
	@ParameterizedTest
	@ValueSource(strings = { "text/plain", "application/xml", "application/jsonx", "text/json" })
	void runsAgainAfterOtherContentType(String type) {
		HttpResponse<byte[]> response = assertRunsAgain(this.jsonOnly, "/typed", "X-Type", type);
		assertThat(TestApp.text(response)).isEqualTo("{\"typed\":true}");
		response = assertRunsAgain(this.jsonOnly, "/typed-by-hand", "X-Type", type);
		assertThat(TestApp.text(response)).isEqualTo("{\"typed\":true}");
	}

	// S2
	@Test
	void sendsWholeBodyOfOtherContentTypeBeyondLimit() {
		HttpResponse<byte[]> response = assertRunsAgain(this.jsonOnly, "/large?size=5000&how=body");
		assertThat(response.body()).hasSize(5000);
		response = assertRunsAgain(this.jsonOnly, "/large?size=5000&how=writer");
		assertThat(response.body()).hasSize(5000);
		response = assertRunsAgain(this.jsonOnly, "/large?size=50000&how=stream");
		assertThat(response.body()).hasSize(50000);
	}

	// S2
	@ParameterizedTest
	@ValueSource(strings = { "/status?status=204", "/status?status=303", "/empty" })
	void storesEmptyBodyWhateverContentTypes(String path) {
		assertReplayed(this.jsonOnly, path);
	}

	// S3
	@ParameterizedTest
	@ValueSource(strings = { "body", "writer", "stream", "flushing", "async", "single" })
	void storesResponseOfExactlyMaxSize(String how) {
		HttpResponse<byte[]> first = assertReplayed(this.standard, "/large?size=1000&how=" + how);
		assertThat(first.body()).hasSize(1000);
	}

	// S3
	@ParameterizedTest
	@ValueSource(strings = { "body", "writer", "stream", "flushing", "async", "single" })
	void refusesRetryOfResponseBeyondMaxSize(String how) {
		for (int size : new int[] { 1001, 100_000 }) {
			HttpResponse<byte[]> first = assertNotStored("/large?size=" + size + "&how=" + how);
			assertThat(first.statusCode()).isEqualTo(200);
			assertThat(TestApp.text(first)).isEqualTo("x".repeat(size));
		}
	}

	// S3
	@Test
	void refusesRetryOfStreamedResponse() {
		assertThat(TestApp.text(assertNotStored("/streaming-body"))).isEqualTo("onetwothree");
		assertThat(TestApp.text(assertNotStored("/streaming-entity"))).isEqualTo("streamed");
		assertThat(TestApp.text(assertNotStored("/events"))).isEqualTo("data:one\n\ndata:two\n\n");
	}

	// S3, S1
	@Test
	void runsAgainAfterFailureBeyondMaxSize() {
		HttpResponse<byte[]> response = assertRunsAgain(this.standard, "/large?size=5000&how=body&status=400");
		assertThat(response.body()).hasSize(5000);
	}

	private HttpResponse<byte[]> assertNotStored(String path) {
		return assertNotStored(this.standard, path);
	}

	private HttpResponse<byte[]> assertNotStored(TestApp app, String path) {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = post(app, path, key);
		for (int i = 0; i < 2; i++) {
			HttpResponse<byte[]> retry = post(app, path, key);
			assertThat(retry.statusCode()).isEqualTo(409);
			assertThat(retry.headers().firstValue("Content-Type")).hasValue("application/problem+json");
			assertThat(retry.headers().firstValue("Idempotent-Replayed")).isEmpty();
			assertThat(TestApp.text(retry)).contains("urn:idempotency:problem:response-not-stored");
		}
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
		return first;
	}

	private HttpResponse<byte[]> assertReplayed(TestApp app, String path, String... headers) {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = post(app, path, key, headers);
		HttpResponse<byte[]> retry = post(app, path, key, headers);
		assertThat(retry.statusCode()).isEqualTo(first.statusCode());
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(retry.headers().allValues("Content-Type")).isEqualTo(first.headers().allValues("Content-Type"));
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
		return first;
	}

	private HttpResponse<byte[]> assertRunsAgain(TestApp app, String path, String... headers) {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = post(app, path, key, headers);
		HttpResponse<byte[]> again = post(app, path, key, headers);
		assertThat(again.statusCode()).isEqualTo(first.statusCode());
		assertThat(again.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(2);
		return first;
	}

	private static HttpResponse<byte[]> post(TestApp app, String path, String key, String... headers) {
		String[] all = new String[headers.length + 2];
		all[0] = "X-Run";
		all[1] = key;
		System.arraycopy(headers, 0, all, 2, headers.length);
		return app.post(path, key, "{}", all);
	}

	@Controller
	@Import(Runs.class)
	static class Answers {

		private static final Executor THREADS = (task) -> new Thread(task).start();

		private final Runs runs;

		Answers(Runs runs) {
			this.runs = runs;
		}

		private void run(HttpServletRequest request) {
			this.runs.next(request.getHeader("X-Run"));
		}

		@PostMapping("/status")
		ResponseEntity<Map<String, Object>> status(HttpServletRequest request, @RequestParam int status) {
			run(request);
			boolean bodiless = status == 204 || status == 304;
			return bodiless ? ResponseEntity.status(status).build()
					: ResponseEntity.status(status).body(Map.of("status", status));
		}

		@PostMapping("/handled")
		void handled(HttpServletRequest request) {
			run(request);
			throw new UnsupportedOperationException();
		}

		@ExceptionHandler
		ResponseEntity<Map<String, Object>> handle(UnsupportedOperationException ex) {
			return ResponseEntity.status(422).body(Map.of("handled", System.nanoTime()));
		}

		@PostMapping("/status-exception")
		void statusException(HttpServletRequest request) {
			run(request);
			throw new ResponseStatusException(HttpStatus.PAYMENT_REQUIRED);
		}

		@PostMapping("/send-error")
		void sendError(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.sendError(409, "conflict");
		}

		@PostMapping("/send-error-with-type")
		void sendErrorWithType(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			// There is nothing to convert the error page's map to this type.
			response.setContentType("image/png");
			response.sendError(409, "conflict");
		}

		@PostMapping("/send-error-async")
		CompletableFuture<@Nullable Void> sendErrorAsync(HttpServletRequest request) {
			run(request);
			return CompletableFuture.supplyAsync(() -> {
				throw new ResponseStatusException(HttpStatus.SERVICE_UNAVAILABLE);
			}, THREADS);
		}

		@PostMapping("/unhandled")
		void unhandled(HttpServletRequest request) {
			run(request);
			throw new IllegalStateException("unhandled");
		}

		@PostMapping("/unhandled-async")
		CompletableFuture<@Nullable Void> unhandledAsync(HttpServletRequest request) {
			run(request);
			return CompletableFuture.supplyAsync(() -> {
				throw new IllegalStateException("unhandled");
			}, THREADS);
		}

		@PostMapping("/unreadable")
		@ResponseBody
		Object unreadable(HttpServletRequest request) {
			run(request);
			return new Object() {

				@SuppressWarnings({ "unused", "EffectivelyPrivate" })
				public String getValue() {
					throw new IllegalStateException("cannot be written as JSON");
				}

			};
		}

		@PostMapping("/typed")
		ResponseEntity<byte[]> typed(HttpServletRequest request) {
			run(request);
			return ResponseEntity.ok()
				.contentType(MediaType.parseMediaType(request.getHeader("X-Type")))
				.body("{\"typed\":true}".getBytes(StandardCharsets.UTF_8));
		}

		@PostMapping("/typed-by-hand")
		void typedByHand(HttpServletRequest request, HttpServletResponse response) throws IOException {
			run(request);
			response.setContentType(request.getHeader("X-Type"));
			response.getWriter().write("{\"typed\":");
			response.flushBuffer();
			response.getWriter().write("true}");
		}

		@PostMapping("/empty")
		void empty(HttpServletRequest request, HttpServletResponse response) {
			run(request);
			response.setContentType("text/html");
		}

		@PostMapping("/large")
		@Nullable Object large(HttpServletRequest request, HttpServletResponse response, @RequestParam int size,
				@RequestParam String how, @RequestParam(defaultValue = "200") int status) throws IOException {
			run(request);
			String text = "x".repeat(size);
			response.setContentType("text/plain");
			switch (how) {
				case "body" -> {
					return ResponseEntity.status(status).contentType(MediaType.TEXT_PLAIN).body(text);
				}
				case "async" -> {
					return CompletableFuture.supplyAsync(
							() -> ResponseEntity.status(status).contentType(MediaType.TEXT_PLAIN).body(text), THREADS);
				}
				case "writer" -> response.getWriter().write(text);
				case "stream" -> response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
				case "flushing" -> {
					response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8), 0, size / 2);
					response.flushBuffer();
					response.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8), size / 2, size - size / 2);
				}
				case "single" -> {
					for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
						response.getOutputStream().write(value);
					}
				}
				default -> throw new IllegalArgumentException(how);
			}
			return null;
		}

		@PostMapping("/streaming-body")
		StreamingResponseBody streamingBody(HttpServletRequest request) {
			run(request);
			return (out) -> {
				for (String part : List.of("one", "two", "three")) {
					out.write(part.getBytes(StandardCharsets.UTF_8));
					out.flush();
				}
			};
		}

		@PostMapping("/streaming-entity")
		ResponseEntity<StreamingResponseBody> streamingEntity(HttpServletRequest request) {
			run(request);
			return ResponseEntity.ok().body((out) -> out.write("streamed".getBytes(StandardCharsets.UTF_8)));
		}

		@PostMapping("/events")
		SseEmitter events(HttpServletRequest request) {
			run(request);
			SseEmitter emitter = new SseEmitter();
			THREADS.execute(() -> {
				try {
					emitter.send("one");
					emitter.send("two");
					emitter.complete();
				}
				catch (IOException ex) {
					emitter.completeWithError(ex);
				}
			});
			return emitter;
		}

	}

}
