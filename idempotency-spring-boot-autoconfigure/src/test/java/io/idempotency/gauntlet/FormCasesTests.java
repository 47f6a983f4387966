package io.idempotency.gauntlet;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

import io.idempotency.testing.TestApp;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Forms, with {@code key-parameter}.
 */
@ExtendWith(OutputCaptureExtension.class)
class FormCasesTests {

	private static final String KEY_PARAMETER = "idempotency.key-parameter=__key";

	/**
	 * Encoded as no encoder of Java's would.
	 */
	private static final String FORM = "b=2&a=1+%7e%2B&empty&a=3&c=%20%c3%bc&&";

	@ParameterizedTest
	@EnumSource
	@DisplayName("K2, G1: a form without a key reaches a handler that reads its bytes as they were sent")
	void leavesBytesOfFormWithoutKey(Server server) {
		try (TestApp app = Cases.start(List.of(Webhooks.class), KEY_PARAMETER, server.property())) {
			assertThat(form(app, null, FORM)).isEqualTo("200 " + signature(FORM));
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("F3, G2: a form with a key in its header reaches a handler that reads its bytes as they were sent")
	void leavesBytesOfFormWithKeyInHeader(Server server) {
		try (TestApp app = Cases.start(List.of(Webhooks.class), KEY_PARAMETER, server.property())) {
			String key = TestApp.newKey();
			assertThat(form(app, key, FORM)).isEqualTo("200 " + signature(FORM));
			assertThat(form(app, key, FORM)).isEqualTo("200 " + signature(FORM));
			assertThat(Cases.runs(app, key)).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("F3, G2: so does one with a key in a header where no parameter may carry it")
	void leavesBytesOfFormWithoutKeyParameter(Server server) {
		try (TestApp app = Cases.start(List.of(Webhooks.class), server.property())) {
			assertThat(form(app, TestApp.newKey(), FORM)).isEqualTo("200 " + signature(FORM));
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("F3, G1, G2: so does one that is no form at all, with a key in its header and without")
	void leavesBytesOfWhatIsNoForm(Server server) {
		try (TestApp app = Cases.start(List.of(Webhooks.class), KEY_PARAMETER, server.property())) {
			for (String body : List.of("=x&a=%zz&%", "{\"payload\":\"100%\"}", "\u0001&\u00fc=%c3")) {
				assertThat(form(app, null, body)).isEqualTo("200 " + signature(body));
				String key = TestApp.newKey();
				assertThat(form(app, key, body)).isEqualTo("200 " + signature(body));
				assertThat(form(app, key, body)).isEqualTo("200 " + signature(body));
				assertThat(Cases.runs(app, key)).isEqualTo(1);
			}
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("K7, G2: so does one with the key among its parameters")
	void leavesBytesOfFormWithKeyInParameter(Server server) {
		try (TestApp app = Cases.start(List.of(Webhooks.class), KEY_PARAMETER, server.property())) {
			String form = FORM + "__key=" + TestApp.newKey();
			assertThat(form(app, null, form, "X-Run", "parameter")).isEqualTo("200 " + signature(form));
			assertThat(form(app, null, form, "X-Run", "parameter")).isEqualTo("200 " + signature(form));
			assertThat(Cases.runs(app, "parameter")).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("F5, G2: so does one that is longer than what containers take for parameters, with a key and without")
	void leavesBytesOfLongForm(Server server) {
		try (TestApp app = Cases.start(List.of(Webhooks.class), KEY_PARAMETER, server.property())) {
			String form = "long=" + "0123456789".repeat(300_000) + "&" + FORM;
			assertThat(form(app, null, form)).isEqualTo("200 " + signature(form));
			String key = TestApp.newKey();
			assertThat(form(app, key, form)).isEqualTo("200 " + signature(form));
			assertThat(form(app, key, form)).isEqualTo("200 " + signature(form));
			assertThat(Cases.runs(app, key)).isEqualTo(1);
		}
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("G2: an upload that is too large, and whose parts are read lazily, is answered as without the starter, without a stack trace")
	void answersTooLargeUploadQuietly(Server server, CapturedOutput output) {
		Answer[] answers = new Answer[2];
		int before = output.length();
		for (boolean enabled : new boolean[] { false, true }) {
			try (TestApp app = Cases.start(List.of(Webhooks.class), "idempotency.enabled=" + enabled, server.property(),
					"spring.servlet.multipart.resolve-lazily=true", "spring.servlet.multipart.max-file-size=1KB",
					"spring.servlet.multipart.max-request-size=2KB")) {
				answers[enabled ? 1 : 0] = upload(app);
			}
			if (!enabled) {
				assertThat(output.toString().substring(before)).as("The log without the starter")
					.doesNotContain("\tat ");
			}
		}
		String difference = answers[1].withoutFraming().differenceFrom(answers[0].withoutFraming());
		assertThat(difference).as(difference).isEmpty();
		assertThat(output.toString().substring(before)).doesNotContain("\tat ");
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("K7, G1: a malformed escape in a parameter that is no key is answered as without the starter")
	void leavesMalformedEscapeToHandler(Server server, CapturedOutput output) {
		int before = output.length();
		try (TestApp app = Cases.start(List.of(Webhooks.class), KEY_PARAMETER, server.property())) {
			for (RawRequest request : malformed("other")) {
				RawRequest.Response answer = request.send(app.port());
				assertThat(answer.status()).as(answer.body()).isEqualTo(200);
				assertThat(answer.body()).isEqualTo("pong");
			}
		}
		assertThat(output.toString().substring(before)).doesNotContain("\tat ");
	}

	@ParameterizedTest
	@EnumSource
	@DisplayName("K7, E1: a malformed escape in the key's parameter is the client's mistake, and no stack trace")
	void refusesMalformedEscapeOfKeyQuietly(Server server, CapturedOutput output) {
		int before = output.length();
		try (TestApp app = Cases.start(List.of(Webhooks.class), KEY_PARAMETER, server.property())) {
			for (RawRequest request : malformed("__key")) {
				assertThat(request.send(app.port()).status()).isIn(400, 422);
			}
			assertThat(Cases.runs(app, "malformed")).isZero();
		}
		assertThat(output.toString().substring(before)).doesNotContain("\tat ");
	}

	/**
	 * Returns requests with a malformed value of a parameter, in the query and in a form.
	 */
	private static List<RawRequest> malformed(String parameter) {
		RawRequest request = RawRequest.post("/ping?" + parameter + "=%zz").header("X-Run", "malformed");
		RawRequest form = request.to("/ping").header("Content-Type", "application/x-www-form-urlencoded");
		return List.of(request, new RawRequest(form.path(), form.headers(), "a=1&" + parameter + "=%zz"));
	}

	@Test
	@DisplayName("E3: a key is never cut inside a character")
	void cutsNoKeyInsideCharacter() {
		try (TestApp app = Cases.start(List.of(Webhooks.class), KEY_PARAMETER)) {
			for (String prefix : List.of("", "a", "ab", "abc", "abcd")) {
				String path = "/ping?__key=" + prefix + "%F0%9F%98%80%F0%9F%98%80%F0%9F%98%80" + TestApp.newKey();
				assertThat(app.post(path, null, "{}", "X-Run", "emoji").statusCode()).isEqualTo(200);
				HttpResponse<byte[]> refused = app.post(path, null, "{\"other\":1}", "X-Run", "emoji");
				assertThat(refused.statusCode()).isEqualTo(422);
				String detail = TestApp.text(refused);
				assertThat(detail).contains(":key-reused\"").doesNotContain("?").doesNotContain("\uFFFD");
				assertThat(detail).doesNotContainPattern("(?i)\\\\u[dD][89abAB]..(?!\\\\u[dD][c-fC-F])");
			}
		}
	}

	private static String form(TestApp app, @Nullable String key, String form, String... headers) {
		String run = (headers.length > 0) ? headers[1] : (key != null) ? key : "none";
		HttpResponse<byte[]> response = app.post("/webhooks", key, form, "Content-Type",
				"application/x-www-form-urlencoded", "X-Run", run);
		return response.statusCode() + " " + TestApp.text(response);
	}

	private static Answer upload(TestApp app) {
		String body = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"
				+ "0123456789".repeat(500) + "\r\n--x--\r\n";
		String key = TestApp.newKey();
		return Answer
			.of(app.post("/uploads", key, body, "Content-Type", "multipart/form-data; boundary=x", "X-Run", key));
	}

	private static String signature(String body) {
		return signature(body.getBytes(StandardCharsets.UTF_8));
	}

	private static String signature(byte[] body) {
		try {
			String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
			String text = new String(body, StandardCharsets.UTF_8);
			return digest + " " + text.substring(Math.max(0, text.length() - 100));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@RestController
	static class Webhooks {

		private final Ledger ledger;

		Webhooks(Ledger ledger) {
			this.ledger = ledger;
		}

		/**
		 * The sender has signed the bytes.
		 */
		@PostMapping("/webhooks")
		String webhook(HttpServletRequest request) throws IOException {
			this.ledger.charge();
			return signature(request.getInputStream().readAllBytes());
		}

		@PostMapping("/uploads")
		String upload(@RequestParam MultipartFile file) throws IOException {
			this.ledger.charge();
			return "uploaded " + file.getBytes().length;
		}

		@PostMapping("/ping")
		String ping() {
			this.ledger.charge();
			return "pong";
		}

	}

}
