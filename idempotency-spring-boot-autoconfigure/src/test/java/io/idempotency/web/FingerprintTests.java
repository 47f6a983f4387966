package io.idempotency.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.idempotency.store.Fingerprint;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.http.HttpServletRequest;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RequestPart;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The fingerprint is made before any store is asked, so that one store is enough here.
 */
class FingerprintTests {

	private static TestApp app(String... properties) {
		return TestApp.shared(List.of(Payments.class), StoreKind.MEMORY, properties);
	}

	@Test
	@DisplayName("F2: a key that comes again with another body is refused, and the stored response unharmed")
	void refusesKeyWithAnotherBody() {
		TestApp app = app();
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = app.post("/bytes", key, "{\"amount\":10}");
		HttpResponse<byte[]> reused = app.post("/bytes", key, "{\"amount\":11}");
		assertThat(reused.statusCode()).isEqualTo(422);
		assertThat(TestApp.text(reused)).contains("key-reused").doesNotContain(key);
		assertThat(reused.headers().firstValue("Idempotent-Replayed")).isEmpty();
		HttpResponse<byte[]> retry = app.post("/bytes", key, "{\"amount\":10}");
		assertReplayed(retry, first);
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	@Test
	@DisplayName("F2: white space makes another body, since bytes are compared")
	void comparesBytes() {
		TestApp app = app();
		String key = TestApp.newKey();
		app.post("/bytes", key, "{\"amount\":10}");
		assertThat(app.post("/bytes", key, "{ \"amount\":10}").statusCode()).isEqualTo(422);
	}

	@Test
	@DisplayName("F2: a key that comes again with another query is refused")
	void refusesKeyWithAnotherQuery() {
		TestApp app = app();
		String key = TestApp.newKey();
		app.post("/bytes?currency=EUR", key, "{}");
		assertThat(app.post("/bytes?currency=USD", key, "{}").statusCode()).isEqualTo(422);
		assertThat(app.post("/bytes", key, "{}").statusCode()).isEqualTo(422);
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	@Test
	@DisplayName("F2: a key that comes again with another body while the first request runs is refused as reused")
	void refusesKeyWithAnotherBodyWhileFirstRequestRuns() throws Exception {
		TestApp app = app();
		String key = TestApp.newKey();
		Gate gate = app.bean(Gate.class);
		Thread first = new Thread(() -> app.post("/gated", key, "{\"amount\":10}"));
		first.start();
		assertThat(gate.entered.await(30, TimeUnit.SECONDS)).isTrue();
		HttpResponse<byte[]> reused = app.post("/gated", key, "{\"amount\":11}");
		HttpResponse<byte[]> concurrent = app.post("/gated", key, "{\"amount\":10}");
		gate.open.countDown();
		first.join();
		assertThat(reused.statusCode()).isEqualTo(422);
		assertThat(concurrent.statusCode()).isEqualTo(409);
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	@Test
	@DisplayName("F2: fingerprint= (empty) replays whatever is sent; mismatch-status is configurable")
	void replaysWhateverIsSentWithoutFingerprint() {
		TestApp app = app("idempotency.fingerprint=");
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = app.post("/bytes?a=1", key, "{\"amount\":10}");
		assertReplayed(app.post("/bytes?a=2", key, "something else"), first);
		assertThat(app("idempotency.mismatch-status=409").post("/bytes", key, "1").statusCode()).isEqualTo(200);
		assertThat(app("idempotency.mismatch-status=409").post("/bytes", key, "2").statusCode()).isEqualTo(409);
	}

	@Test
	@DisplayName("F2: fingerprint=query leaves the body out")
	void comparesQueryAlone() {
		TestApp app = app("idempotency.fingerprint=query");
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = app.post("/bytes?a=1", key, "{\"amount\":10}");
		assertReplayed(app.post("/bytes?a=1", key, "{\"amount\":11}"), first);
		assertThat(app.post("/bytes?a=2", key, "{\"amount\":10}").statusCode()).isEqualTo(422);
	}

	@Test
	@DisplayName("F3: a form is compared by its parameters, and the handler gets them")
	void comparesFormByParameters() {
		TestApp app = app();
		String key = TestApp.newKey();
		String form = "application/x-www-form-urlencoded";
		HttpResponse<byte[]> first = app.post("/form?amount=1", key, "amount=10&note=caf%C3%A9+au+lait", "Content-Type",
				form);
		assertThat(TestApp.text(first)).startsWith("amount=1,10 note=caf\u00e9 au lait");
		assertReplayed(
				app.post("/form?amount=1", key, "amount=%31%30&note=caf%C3%A9%20au%20lait", "Content-Type", form),
				first);
		assertThat(
				app.post("/form?amount=1", key, "amount=11&note=caf%C3%A9+au+lait", "Content-Type", form).statusCode())
			.isEqualTo(422);
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	@Test
	@DisplayName("F3: a form sent by PATCH is compared, too")
	void comparesFormSentByPatch() {
		TestApp app = app();
		String key = TestApp.newKey();
		String form = "application/x-www-form-urlencoded";
		HttpResponse<byte[]> first = app
			.send(app.request("PATCH", "/form", key, bytes("amount=10&note=a"), "Content-Type", form).build());
		assertThat(TestApp.text(first)).startsWith("amount=10 note=a");
		HttpResponse<byte[]> reused = app
			.send(app.request("PATCH", "/form", key, bytes("amount=11&note=a"), "Content-Type", form).build());
		assertThat(reused.statusCode()).isEqualTo(422);
	}

	@Test
	@DisplayName("F3: a multipart body is compared by its parts, whatever the boundary, and the handler gets them")
	void comparesMultipartByParts() {
		TestApp app = app();
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = multipart(app, key, "one", "invoice.pdf", "content");
		assertThat(TestApp.text(first)).startsWith("note invoice.pdf content");
		assertReplayed(multipart(app, key, "two", "invoice.pdf", "content"), first);
		assertThat(multipart(app, key, "one", "other.pdf", "content").statusCode()).isEqualTo(422);
		assertThat(multipart(app, key, "one", "invoice.pdf", "Content").statusCode()).isEqualTo(422);
		assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
	}

	private static HttpResponse<byte[]> multipart(TestApp app, String key, String boundary, String fileName,
			String content) {
		String body = """
				--%1$s\r
				Content-Disposition: form-data; name="note"\r
				\r
				note\r
				--%1$s\r
				Content-Disposition: form-data; name="file"; filename="%2$s"\r
				Content-Type: application/pdf\r
				\r
				%3$s\r
				--%1$s--\r
				""".formatted(boundary, fileName, content);
		return app.post("/multipart", key, body, "Content-Type", "multipart/form-data; boundary=" + boundary);
	}

	@Test
	@DisplayName("F4: JSON is compared by content where asked for, numbers exactly")
	void comparesJsonByContent() {
		TestApp app = app("idempotency.fingerprint-json=true",
				"idempotency.fingerprint-ignore=/requestedAt,/meta/traceId");
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = app.post("/bytes", key,
				"{\"amount\":0.1000000000000000055511151231257827,\"meta\":{\"traceId\":1,\"user\":7},\"requestedAt\":1}");
		assertReplayed(app.post("/bytes", key,
				" { \"requestedAt\" : 2, \"meta\":{\"user\":7,\"traceId\":\"x\"}, \"amount\":0.1000000000000000055511151231257827 } "),
				first);
		assertThat(app.post("/bytes", key,
				"{\"amount\":0.1000000000000000055511151231257828,\"meta\":{\"traceId\":1,\"user\":7},\"requestedAt\":1}")
			.statusCode()).as("a number that is the same double").isEqualTo(422);
		assertThat(app.post("/bytes", key,
				"{\"amount\":0.1000000000000000055511151231257827,\"meta\":{\"traceId\":1,\"user\":8},\"requestedAt\":1}")
			.statusCode()).as("a member that is not ignored").isEqualTo(422);
	}

	@Test
	@DisplayName("F4: a body that is not valid JSON, or has a member twice, is compared by its bytes")
	void comparesInvalidJsonByBytes() {
		TestApp app = app("idempotency.fingerprint-json=true", "idempotency.fingerprint-ignore=/requestedAt");
		for (String invalid : List.of("{\"a\":1", "{\"a\":1} x", "{\"a\":1,\"a\":2}", "\u0000", "[".repeat(5000))) {
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = app.post("/bytes", key, invalid);
			assertThat(first.statusCode()).as(invalid).isEqualTo(200);
			assertReplayed(app.post("/bytes", key, invalid), first);
			assertThat(app.post("/bytes", key, invalid + " ").statusCode()).as(invalid).isEqualTo(422);
		}
	}

	@Test
	@DisplayName("F10: numbers of JSON are compared by value, however large their exponents")
	void comparesNumbersByValue() {
		TestApp app = app("idempotency.fingerprint-json=true");
		for (List<String> spellings : List.of(List.of("10", "1e1", "11"),
				List.of("1e99999999999", "10E+99999999998", "1e99999999998"))) {
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = app.post("/bytes", key, "{\"amount\":" + spellings.get(0) + "}");
			assertThat(first.statusCode()).isEqualTo(200);
			assertThat(replayHeader(app.post("/bytes", key, "{\"amount\":" + spellings.get(1) + "}"))).hasValue("true");
			assertThat(app.post("/bytes", key, "{\"amount\":" + spellings.get(2) + "}").statusCode()).isEqualTo(422);
			assertThat(app.bean(Runs.class).count(key)).isEqualTo(1);
		}
	}

	@Test
	@DisplayName("F10: pointers of fingerprint-ignore name elements of the body as it was sent")
	void ignoresElementsAsTheyWereSent() {
		TestApp app = app("idempotency.fingerprint-json=true", "idempotency.fingerprint-ignore=/items/0,/items/1");
		String key = TestApp.newKey();
		app.post("/bytes", key, "{\"items\":[1,2,3]}");
		assertThat(replayHeader(app.post("/bytes", key, "{\"items\":[4,5,3]}"))).hasValue("true");
		assertThat(app.post("/bytes", key, "{\"items\":[1,2,4]}").statusCode()).isEqualTo(422);
		assertThat(app.post("/bytes", key, "{\"items\":[2,3]}").statusCode()).isEqualTo(422);
	}

	@Test
	@DisplayName("F5: a body longer than max-fingerprint-size is compared by its start and length, and arrives whole")
	void comparesStartAndLengthOfLongBody() {
		TestApp app = app("idempotency.max-fingerprint-size=1KB");
		String key = TestApp.newKey();
		byte[] body = new byte[10_000_000];
		Arrays.fill(body, (byte) 'a');
		HttpResponse<byte[]> first = app.send(app.request("POST", "/bytes", key, body).build());
		assertThat(TestApp.text(first)).startsWith("10000000 bytes, sum " + 10_000_000L * 'a');
		body[5000] = 'b';
		assertReplayed(app.send(app.request("POST", "/bytes", key, body).build()), first);
		body[1023] = 'b';
		assertThat(app.send(app.request("POST", "/bytes", key, body).build()).statusCode()).isEqualTo(422);
		body[1023] = 'a';
		byte[] shorter = Arrays.copyOf(body, body.length - 1);
		assertThat(app.send(app.request("POST", "/bytes", key, shorter).build()).statusCode()).isEqualTo(422);
	}

	@Test
	@DisplayName("F5: bodies of 0 bytes, 1 byte and exactly max-fingerprint-size arrive whole")
	void passesBodiesOfEverySize() {
		TestApp app = app("idempotency.max-fingerprint-size=1KB");
		for (int size : new int[] { 0, 1, 1023, 1024, 1025, 100_000 }) {
			String key = TestApp.newKey();
			byte[] body = new byte[size];
			Arrays.fill(body, (byte) 1);
			HttpResponse<byte[]> first = app.send(app.request("POST", "/bytes", key, body).build());
			assertThat(TestApp.text(first)).startsWith(size + " bytes, sum " + size);
			assertReplayed(app.send(app.request("POST", "/bytes", key, body).build()), first);
		}
	}

	@Test
	@DisplayName("F5: a body that ends early is a bad request, the handler does not run, and the key stays free")
	void refusesBodyThatEndsEarly() throws IOException {
		TestApp app = app();
		String key = TestApp.newKey();
		try (Socket socket = new Socket("127.0.0.1", app.port())) {
			socket.getOutputStream()
				.write(bytes("POST /bytes HTTP/1.1\r\nHost: localhost\r\nIdempotency-Key: " + key
						+ "\r\nContent-Length: 100\r\nConnection: close\r\n\r\nonly this"));
			socket.shutdownOutput();
			String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			assertThat(answer).startsWith("HTTP/1.1 400");
		}
		assertThat(app.bean(Runs.class).count(key)).isZero();
		assertThat(app.post("/bytes", key, "another body").statusCode()).isEqualTo(200);
	}

	@Test
	@DisplayName("F6: a bean of type IdempotencyFingerprinter replaces the default")
	void usesFingerprinterOfApplication() {
		TestApp app = TestApp.shared(List.of(Payments.class, FirstByteFingerprinter.class), StoreKind.MEMORY);
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = app.post("/bytes", key, "abc");
		assertReplayed(app.post("/bytes", key, "axy"), first);
		assertThat(app.post("/bytes", key, "xbc").statusCode()).isEqualTo(422);
	}

	private static void assertReplayed(HttpResponse<byte[]> retry, HttpResponse<byte[]> first) {
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
		assertThat(retry.statusCode()).isEqualTo(first.statusCode());
		assertThat(retry.body()).isEqualTo(first.body());
	}

	private static Optional<String> replayHeader(HttpResponse<byte[]> response) {
		return response.headers().firstValue("Idempotent-Replayed");
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	static final class Gate {

		private final CountDownLatch entered = new CountDownLatch(1);

		private final CountDownLatch open = new CountDownLatch(1);

	}

	@Configuration(proxyBeanMethods = false)
	static class FirstByteFingerprinter {

		@Bean
		IdempotencyFingerprinter firstByteFingerprinter() {
			return (request) -> new Fingerprint("%064x".formatted(request.bodyStart()[0]));
		}

	}

	@RestController
	@Import({ Runs.class, Gate.class })
	static class Payments {

		private final Runs runs;

		private final Gate gate;

		Payments(Runs runs, Gate gate) {
			this.runs = runs;
			this.gate = gate;
		}

		@PostMapping("/bytes")
		String bytes(@RequestHeader("Idempotency-Key") String key, HttpServletRequest request) throws IOException {
			int run = this.runs.next(key);
			long length = 0;
			long sum = 0;
			byte[] buffer = new byte[8192];
			InputStream body = request.getInputStream();
			for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
				length += read;
				for (int i = 0; i < read; i++) {
					sum += buffer[i];
				}
			}
			return length + " bytes, sum " + sum + ", run " + run;
		}

		@PostMapping("/gated")
		String gated(@RequestHeader("Idempotency-Key") String key) throws InterruptedException {
			this.gate.entered.countDown();
			this.gate.open.await(30, TimeUnit.SECONDS);
			return "run " + this.runs.next(key);
		}

		@PostMapping("/form")
		String form(@RequestHeader("Idempotency-Key") String key, @RequestParam List<String> amount,
				@RequestParam String note) {
			return "amount=" + String.join(",", amount) + " note=" + note + ", run " + this.runs.next(key);
		}

		@PatchMapping("/form")
		String patchForm(@RequestHeader("Idempotency-Key") String key, @RequestParam List<String> amount,
				@RequestParam String note) {
			return form(key, amount, note);
		}

		@PostMapping(path = "/multipart", consumes = MediaType.MULTIPART_FORM_DATA_VALUE)
		String multipart(@RequestHeader("Idempotency-Key") String key, @RequestPart String note,
				@RequestParam MultipartFile file) throws IOException {
			return note + " " + file.getOriginalFilename() + " " + new String(file.getBytes(), StandardCharsets.UTF_8)
					+ ", run " + this.runs.next(key);
		}

	}

}
