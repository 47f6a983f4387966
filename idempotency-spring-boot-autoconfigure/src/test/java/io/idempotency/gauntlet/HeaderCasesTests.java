package io.idempotency.gauntlet;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

import io.idempotency.store.Outcome;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResponse.Header;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What of a response belongs to one client, and what of a request need not be read.
 */
class HeaderCasesTests {

	private static final long MORE_THAN_ANYONE_SWALLOWS = 200_000_000;

	@ParameterizedTest
	@EnumSource
	@DisplayName("R3: a session's identifier in a Location is not replayed, by whatever the location was set")
	void replaysNoSessionInLocation(Server server) {
		try (TestApp app = Cases.start(List.of(Payments.class), server.property())) {
			for (String path : List.of("/location", "/send-redirect", "/view-redirect")) {
				String key = TestApp.newKey();
				HttpResponse<byte[]> first = Cases.post(app, path, key, key);
				assertThat(location(first)).as("The first client's location").contains("/next;jsessionid=SECRET?a=b");
				HttpResponse<byte[]> retry = Cases.post(app, path, key, key);
				assertThat(Cases.isReplay(retry)).isTrue();
				assertThat(location(retry)).endsWith("/next?a=b");
				assertThat(Cases.runs(app, key)).isEqualTo(1);
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("R3: CORS headers that a handler set for one origin are not replayed to another")
	void replaysNoCorsHeaders(Server server) {
		try (TestApp app = Cases.start(List.of(Payments.class), server.property())) {
			String key = TestApp.newKey();
			HttpResponse<byte[]> first = Cases.post(app, "/cors", key, key, "Origin", "https://one.example.org");
			assertThat(first.headers().firstValue("Access-Control-Allow-Origin")).hasValue("https://one.example.org");
			for (String origin : List.of("https://one.example.org", "https://two.example.org")) {
				HttpResponse<byte[]> retry = Cases.post(app, "/cors", key, key, "Origin", origin);
				assertThat(Cases.isReplay(retry)).isTrue();
				assertThat(retry.headers().firstValue("X-Kept")).hasValue("kept");
				assertThat(retry.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
				assertThat(retry.headers().firstValue("Access-Control-Allow-Credentials")).isEmpty();
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("F5: a retry does not read a body that does not end")
	void readsNoEndlessBodyOfRetry(Server server) {
		try (TestApp app = Cases.start(List.of(Payments.class), server.property(), "idempotency.fingerprint=")) {
			String key = TestApp.newKey();
			assertThat(Cases.post(app, "/charge", key, key).statusCode()).isEqualTo(200);
			RawRequest retry = RawRequest.post("/charge").header("Idempotency-Key", key).header("X-Run", key);
			assertThat(retry.sendWithoutEnd(app.port(), MORE_THAN_ANYONE_SWALLOWS))
				.isLessThan(MORE_THAN_ANYONE_SWALLOWS);
			assertThat(Cases.runs(app, key)).isEqualTo(1);
			Cases.assertNothingIsLeft(app);
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("F5, E1: neither does a refusal, for the key's form, for a key that is missing, or for another body")
	void readsNoEndlessBodyOfRefusedRequest(Server server) {
		try (TestApp app = Cases.start(List.of(Payments.class), server.property(), "idempotency.mode=required")) {
			String key = TestApp.newKey();
			assertThat(Cases.post(app, "/charge", key, key).statusCode()).isEqualTo(200);
			RawRequest request = RawRequest.post("/charge").header("X-Run", key);
			for (RawRequest refused : List.of(request, request.header("Idempotency-Key", "\"unterminated"),
					request.header("Idempotency-Key", key))) {
				assertThat(refused.sendWithoutEnd(app.port(), MORE_THAN_ANYONE_SWALLOWS))
					.as(refused.headers().toString())
					.isLessThan(MORE_THAN_ANYONE_SWALLOWS);
			}
			assertThat(Cases.runs(app, key)).isEqualTo(1);
			Cases.assertNothingIsLeft(app);
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("E4: a forged record with a status below 200, or with a header that no container takes, cannot be read")
	void refusesForgedRecord(Server server) {
		String[] properties = Stream.of(Stream.of(StoreKind.REDIS.properties()), Stream.of(server.property()))
			.flatMap((each) -> each)
			.toArray(String[]::new);
		try (TestApp app = Cases.start(List.of(Payments.class, ForgingCodec.class), properties)) {
			for (String forgery : List.of("status 100", "status 101", "status 199", "header na me: 7",
					"header na\u0000me: 7", "header : 7", "header X-Name: a\r\nX-Injected: b",
					"header X-Name: a\u0000b")) {
				String key = TestApp.newKey();
				assertThat(Cases.post(app, "/charge", key, key).statusCode()).isEqualTo(200);
				app.bean(ForgingCodec.class).forge(forgery);
				RawRequest.Response answer = RawRequest.post("/charge")
					.header("Idempotency-Key", key)
					.header("X-Run", key)
					.send(app.port());
				assertThat(answer.status()).as(forgery.replaceAll("[^ -~]", "?")).isEqualTo(503);
				assertThat(answer.body()).contains(":store-unavailable\"");
				app.bean(ForgingCodec.class).forge("");
				assertThat(Cases.runs(app, key)).isEqualTo(1);
			}
			Cases.assertNothingIsLeft(app);
		}
	}

	private static String location(HttpResponse<byte[]> response) {
		return response.headers().firstValue("Location").orElseThrow();
	}

	/**
	 * Reads what was never written.
	 */
	static class ForgingCodec implements OutcomeCodec {

		private volatile String forgery = "";

		void forge(String forgery) {
			this.forgery = forgery;
		}

		@Override
		public byte[] encode(RecordKey key, Outcome outcome) {
			return OutcomeCodec.plain().encode(key, outcome);
		}

		@Override
		public Outcome decode(RecordKey key, byte[] bytes) {
			Outcome outcome = OutcomeCodec.plain().decode(key, bytes);
			boolean forges = !this.forgery.isEmpty() && outcome instanceof StoredResponse;
			return forges ? OutcomeCodec.plain().decode(key, forged((StoredResponse) outcome)) : outcome;
		}

		/**
		 * Writes the record as somebody would who knows the format.
		 */
		private byte[] forged(StoredResponse response) {
			List<Header> headers = new ArrayList<>(response.headers());
			int status = response.status();
			if (this.forgery.startsWith("status ")) {
				status = Integer.parseInt(this.forgery.substring(7));
			}
			else {
				String[] header = this.forgery.substring(7).split(": ", 2);
				headers.add(new Header(header[0], header[1]));
			}
			ByteArrayOutputStream bytes = new ByteArrayOutputStream();
			try (DataOutputStream out = new DataOutputStream(bytes)) {
				out.write(new byte[] { 'I', 'K', 1, 1 });
				out.writeShort(status);
				out.writeInt(headers.size());
				for (Header header : headers) {
					write(header.name().getBytes(StandardCharsets.UTF_8), out);
					write(header.value().getBytes(StandardCharsets.UTF_8), out);
				}
				write(response.body(), out);
				CRC32C checksum = new CRC32C();
				checksum.update(bytes.toByteArray());
				out.writeInt((int) checksum.getValue());
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			return bytes.toByteArray();
		}

		private static void write(byte[] value, DataOutputStream out) throws IOException {
			out.writeInt(value.length);
			out.write(value);
		}

	}

	@RestController
	static class Payments {

		private final Ledger ledger;

		Payments(Ledger ledger) {
			this.ledger = ledger;
		}

		@PostMapping("/charge")
		String charge() {
			this.ledger.charge();
			return "charged";
		}

		@PostMapping("/location")
		ResponseEntity<String> location() {
			this.ledger.charge();
			return ResponseEntity.status(201).header("Location", "/next;jsessionid=SECRET?a=b").body("created");
		}

		@PostMapping("/send-redirect")
		void redirect(HttpServletResponse response) throws IOException {
			this.ledger.charge();
			response.sendRedirect("/next;jsessionid=SECRET?a=b");
		}

		@PostMapping("/view-redirect")
		ResponseEntity<Void> see() {
			this.ledger.charge();
			return ResponseEntity.status(303)
				.header("Location", "https://shop.example.org/next;jsessionid=SECRET?a=b")
				.build();
		}

		@PostMapping("/cors")
		String cors(HttpServletRequest request, HttpServletResponse response) {
			this.ledger.charge();
			response.setHeader("Access-Control-Allow-Origin", Objects.requireNonNull(request.getHeader("Origin")));
			response.setHeader("Access-Control-Allow-Credentials", "true");
			response.setHeader("X-Kept", "kept");
			return "charged";
		}

	}

}
