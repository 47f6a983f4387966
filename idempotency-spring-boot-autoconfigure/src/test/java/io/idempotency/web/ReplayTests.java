package io.idempotency.web;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseBody;

import static org.assertj.core.api.Assertions.assertThat;

@Tag("quick")
@ParameterizedClass
@EnumSource
class ReplayTests {

	private final StoreKind store;

	private final TestApp app;

	ReplayTests(StoreKind store) {
		this.store = store;
		this.app = TestApp.shared(List.of(Payments.class, OuterFilter.class), store);
	}

	// R1, R2
	@Test
	void replaysFirstResponseToRetry() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/payments", key, "{\"amount\":10}");
		HttpResponse<byte[]> retry = this.app.post("/payments", key, "{\"amount\":10}");
		assertThat(first.statusCode()).isEqualTo(201);
		assertThat(first.headers().firstValue("Idempotent-Replayed")).isEmpty();
		assertThat(retry.statusCode()).isEqualTo(201);
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(retry.headers().allValues("Idempotent-Replayed")).containsExactly("true");
		assertThat(retry.headers().firstValue("Location")).isEqualTo(first.headers().firstValue("Location"));
		assertThat(this.app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	// R1
	@Test
	void replaysAsOftenAsAsked() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/payments", key, "{}");
		for (int i = 0; i < 5; i++) {
			HttpResponse<byte[]> retry = this.app.post("/payments", key, "{}");
			assertThat(retry.body()).isEqualTo(first.body());
			assertThat(retry.headers().allValues("Idempotent-Replayed")).containsExactly("true");
		}
		assertThat(this.app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	// R2
	@Test
	void marksReplayWithRenamedHeader() {
		TestApp renamed = TestApp.shared(List.of(Payments.class, OuterFilter.class), this.store,
				"idempotency.replay-header=X-Replayed", "idempotency.excluded-headers=X-Secret,x-other");
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = renamed.post("/payments", key, "{}");
		HttpResponse<byte[]> retry = renamed.post("/payments", key, "{}");
		assertThat(first.headers().firstValue("X-Replayed")).isEmpty();
		assertThat(retry.headers().allValues("X-Replayed")).containsExactly("true");
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).isEmpty();
	}

	// R3
	@Test
	void replaysHeadersThatHandlerSet() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/headers", key, "{}");
		HttpResponse<byte[]> retry = this.app.post("/headers", key, "{}");
		assertThat(retry.headers().allValues("Location")).containsExactly("/headers/1");
		assertThat(retry.headers().allValues("ETag")).containsExactly("\"v1\"");
		assertThat(retry.headers().allValues("X-Custom")).containsExactly("custom");
		assertThat(retry.headers().allValues("X-Many")).containsExactly("one", "two");
		assertThat(retry.headers().allValues("Content-Type")).containsExactly("text/plain;charset=UTF-8");
		assertThat(retry.headers().allValues("Content-Language")).containsExactly("fr");
		assertThat(comparable(retry)).isEqualTo(comparable(first));
	}

	// R3
	@Test
	void replaysContentLanguageThatViewRenderingSet() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/page", key, "{}", "Accept-Language", "de-CH");
		HttpResponse<byte[]> retry = this.app.post("/page", key, "{}", "Accept-Language", "en");
		assertThat(first.headers().allValues("Content-Language")).containsExactly("de-CH");
		assertThat(retry.headers().allValues("Content-Language")).containsExactly("de-CH");
		assertThat(retry.headers().allValues("Content-Type")).containsExactly("text/html;charset=UTF-8");
		assertThat(TestApp.text(retry)).contains("Grüße").isEqualTo(TestApp.text(first));
	}

	// R3
	@Test
	void neverReplaysCookiesDateAndHopByHopHeaders() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/private-headers", key, "{}");
		HttpResponse<byte[]> retry = this.app.post("/private-headers", key, "{}");
		assertThat(first.headers().allValues("Set-Cookie")).hasSize(2);
		assertThat(first.headers().firstValue("Proxy-Authenticate")).isPresent();
		assertThat(first.headers().firstValue("Keep-Alive").orElse("")).contains("timeout=7");
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).isPresent();
		assertThat(retry.headers().map()).doesNotContainKeys("set-cookie", "set-cookie2", "proxy-authenticate",
				"trailer", "upgrade");
		assertThat(retry.headers().firstValue("Keep-Alive").orElse("")).doesNotContain("timeout=7");
		assertThat(retry.headers().allValues("Date")).hasSize(1).doesNotContain("Thu, 01 Jan 1970 00:00:00 GMT");
		assertThat(retry.headers().firstValue("X-Kept")).hasValue("kept");
	}

	// R3
	@Test
	void neverReplaysExcludedHeaders() {
		TestApp excluding = TestApp.shared(List.of(Payments.class, OuterFilter.class), this.store,
				"idempotency.replay-header=X-Replayed", "idempotency.excluded-headers=X-Secret,x-other");
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = excluding.post("/private-headers", key, "{}");
		HttpResponse<byte[]> retry = excluding.post("/private-headers", key, "{}");
		assertThat(first.headers().map()).containsKeys("x-secret", "x-other", "x-kept");
		assertThat(retry.headers().map()).containsKey("x-kept").doesNotContainKeys("x-secret", "x-other");
	}

	// R3
	@Test
	void doesNotDoubleHeadersThatOuterFilterSets() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/vary", key, "{}");
		HttpResponse<byte[]> retry = this.app.post("/vary", key, "{}");
		for (HttpResponse<byte[]> response : List.of(first, retry)) {
			assertThat(response.headers().allValues("X-Set")).containsExactly("set");
			assertThat(response.headers().allValues("X-Added")).containsExactly("added", "added too");
			assertThat(response.headers().allValues("Vary")).containsExactly("Origin", "Accept");
			assertThat(response.headers().allValues("X-Overridden")).containsExactly("by handler");
		}
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).isPresent();
		assertThat(retry.headers().firstValue("X-Request")).isNotEqualTo(first.headers().firstValue("X-Request"));
	}

	// R4
	@Test
	void replaysBinaryBody() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/binary", key, "{}");
		HttpResponse<byte[]> retry = this.app.post("/binary", key, "{}");
		assertThat(first.body()).isEqualTo(everyByte());
		assertThat(retry.body()).isEqualTo(everyByte());
		assertThat(retry.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
		assertThat(retry.headers().firstValueAsLong("Content-Length")).hasValue(256);
	}

	// R4
	@Test
	void replaysNoContentWithoutBodyAndContentType() {
		String key = TestApp.newKey();
		this.app.post("/nothing", key, "{}");
		HttpResponse<byte[]> retry = this.app.post("/nothing", key, "{}");
		assertThat(retry.statusCode()).isEqualTo(204);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).isPresent();
		assertThat(retry.body()).isEmpty();
		assertThat(retry.headers().map()).doesNotContainKeys("content-type", "content-length", "transfer-encoding");
	}

	// R4
	@Test
	void replaysBodyInAnotherCharset() {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/latin", key, "{}");
		HttpResponse<byte[]> retry = this.app.post("/latin", key, "{}");
		assertThat(first.body()).isEqualTo("Grüße".getBytes(StandardCharsets.ISO_8859_1));
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(retry.headers().allValues("Content-Type")).isEqualTo(first.headers().allValues("Content-Type"))
			.containsExactly("text/plain;charset=ISO-8859-1");
	}

	// R4
	@Test
	void replaysNumbersBeyondDouble() {
		String key = TestApp.newKey();
		this.app.post("/numbers", key, "{}");
		HttpResponse<byte[]> retry = this.app.post("/numbers", key, "{}");
		assertThat(TestApp.text(retry))
			.isEqualTo("{\"n\":12345678901234567890.12345678901234567890,\"e\":1E+400,\"z\":1.0,\"a\": null}");
	}

	// R5
	@Test
	void replaysWithConfiguredStatus() {
		TestApp conflicting = TestApp.shared(List.of(Payments.class, OuterFilter.class), this.store,
				"idempotency.replay-status=409");
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = conflicting.post("/headers", key, "{}");
		HttpResponse<byte[]> retry = conflicting.post("/headers", key, "{}");
		assertThat(first.statusCode()).isEqualTo(201);
		assertThat(retry.statusCode()).isEqualTo(409);
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).isPresent();
		assertThat(comparable(retry)).isEqualTo(comparable(first));
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(conflicting.bean(Runs.class).count(key)).isEqualTo(1);
	}

	// R6
	@Test
	void replaysWithLengthWhatWasChunked() {
		HttpResponse<byte[]> unprotected = this.app.post("/chunked", null, "{}");
		assertThat(unprotected.headers().firstValue("Transfer-Encoding")).hasValue("chunked");
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = this.app.post("/chunked", key, "{}");
		HttpResponse<byte[]> retry = this.app.post("/chunked", key, "{}");
		assertThat(first.body()).isEqualTo(unprotected.body());
		assertThat(retry.body()).isEqualTo(unprotected.body());
		assertThat(retry.headers().firstValueAsLong("Content-Length")).hasValue(retry.body().length);
		assertThat(retry.headers().firstValue("Transfer-Encoding")).isEmpty();
	}

	/**
	 * The headers without those that are each response's own.
	 */
	private static Map<String, List<String>> comparable(HttpResponse<byte[]> response) {
		Map<String, List<String>> headers = new TreeMap<>(response.headers().map());
		headers.keySet().removeAll(List.of("date", "idempotent-replayed", "x-request", "connection", "keep-alive"));
		return headers;
	}

	private static byte[] everyByte() {
		byte[] bytes = new byte[256];
		for (int i = 0; i < bytes.length; i++) {
			bytes[i] = (byte) i;
		}
		return bytes;
	}

	@Controller
	@Import(Runs.class)
	static class Payments {

		private final Runs runs;

		Payments(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/payments")
		ResponseEntity<?> pay(@RequestHeader("Idempotency-Key") String key, @RequestBody Map<String, Object> payment) {
			int run = this.runs.next(key);
			return ResponseEntity.status(201).header("Location", "/payments/" + run).body(Map.of("run", run));
		}

		@PostMapping("/headers")
		ResponseEntity<String> headers(@RequestHeader("Idempotency-Key") String key) {
			int run = this.runs.next(key);
			return ResponseEntity.status(201)
				.header("Location", "/headers/" + run)
				.eTag("\"v1\"")
				.header("X-Custom", "custom")
				.header("X-Many", "one", "two")
				.header("Content-Language", "fr")
				.header("Content-Type", "text/plain;charset=UTF-8")
				.body("créé");
		}

		@PostMapping("/page")
		String page(Model model) {
			model.addAttribute("greeting", "Grüße");
			return "handler-kind";
		}

		@PostMapping("/private-headers")
		@ResponseBody
		String privateHeaders(HttpServletResponse response) {
			response.addHeader("Set-Cookie", "session=1; HttpOnly");
			response.addHeader("set-cookie", "other=2");
			response.addHeader("Set-Cookie2", "old=1");
			response.setDateHeader("Date", 0);
			response.setHeader("Keep-Alive", "timeout=7");
			response.setHeader("Proxy-Authenticate", "Basic");
			response.setHeader("Trailer", "X-Trailer");
			response.setHeader("Upgrade", "h2c");
			response.setHeader("X-Secret", "secret");
			response.setHeader("X-Other", "other");
			response.setHeader("X-Kept", "kept");
			return "private";
		}

		@PostMapping("/vary")
		@ResponseBody
		String vary(HttpServletResponse response) {
			response.addHeader("Vary", "Accept");
			response.setHeader("X-Overridden", "by handler");
			return "varied";
		}

		@PostMapping(path = "/binary", produces = "application/octet-stream")
		@ResponseBody
		byte[] binary() {
			return everyByte();
		}

		@PostMapping("/nothing")
		ResponseEntity<Void> nothing() {
			return ResponseEntity.noContent().build();
		}

		@PostMapping("/latin")
		void latin(HttpServletResponse response) throws IOException {
			response.setContentType("text/plain;charset=ISO-8859-1");
			response.getWriter().write("Grüße");
		}

		@PostMapping(path = "/numbers", produces = "application/json")
		@ResponseBody
		String numbers() {
			return "{\"n\":12345678901234567890.12345678901234567890,\"e\":1E+400,\"z\":1.0,\"a\": null}";
		}

		@PostMapping("/chunked")
		void chunked(HttpServletResponse response) throws IOException {
			response.setContentType("text/plain");
			for (int i = 0; i < 1000; i++) {
				response.getOutputStream().print("a line of what is to be sent in chunks\n");
				response.flushBuffer();
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OuterFilter {

		@Bean
		FilterRegistrationBean<Filter> outerFilter(Runs runs) {
			FilterRegistrationBean<Filter> registration = new FilterRegistrationBean<>((request, response, chain) -> {
				HttpServletResponse httpResponse = (HttpServletResponse) response;
				httpResponse.setHeader("X-Set", "set");
				httpResponse.addHeader("X-Added", "added");
				httpResponse.addHeader("X-Added", "added too");
				httpResponse.addHeader("Vary", "Origin");
				httpResponse.setHeader("X-Overridden", "by filter");
				httpResponse.setHeader("X-Request", Integer.toString(runs.next("requests")));
				chain.doFilter(request, response);
			});
			registration.setOrder(0);
			return registration;
		}

	}

}
