package io.idempotency.web;

import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How the key is found in a request, and which keys are refused.
 */
@Tag("quick")
class KeyTests {

	private static final String[] LARGE_HEADERS = { "server.max-http-request-header-size=200KB" };

	private static final String UUID_4 = "0b2f1d3c-9a4e-4c6b-8f21-3d5e7a9b0c1d";

	private final String name = UUID.randomUUID().toString();

	private final String path = "/things/" + this.name;

	@Test
	@DisplayName("K1: the key is read from Idempotency-Key, whatever the case of the header's name")
	void readsKeyFromHeader() {
		HttpResponse<byte[]> first = send(lenient(), "Idempotency-Key", "order-1");
		HttpResponse<byte[]> retry = send(lenient(), "idempotency-key", "order-1");
		assertThat(isReplay(first)).isFalse();
		assertThat(isReplay(retry)).isTrue();
		assertThat(runs(lenient())).isEqualTo(1);
	}

	@Test
	@DisplayName("K1: another header carries the key when key-header names it")
	void readsKeyFromRenamedHeader() {
		TestApp app = renamed();
		send(app, "X-Operation", "\"order-1\"");
		HttpResponse<byte[]> retry = send(app, "X-Operation", "\"order-1\"");
		assertThat(isReplay(retry)).isTrue();
		assertThat(runs(app)).isEqualTo(1);
	}

	@Test
	@DisplayName("K1: with another header, the default one is ignored and error texts name the new one")
	void errorTextsNameRenamedHeader() {
		TestApp app = renamed();
		HttpResponse<byte[]> missing = send(app, "Idempotency-Key", "\"order-1\"");
		HttpResponse<byte[]> tooLong = send(app, "X-Operation", "\"12345678901\"");
		HttpResponse<byte[]> unquoted = send(app, "X-Operation", "order-1");
		assertThat(missing.statusCode()).isEqualTo(400);
		assertThat(tooLong.statusCode()).isEqualTo(422);
		assertThat(unquoted.statusCode()).isEqualTo(422);
		assertThat(List.of(missing, tooLong, unquoted)).extracting(TestApp::text)
			.allSatisfy((body) -> assertThat(body).contains("X-Operation").doesNotContain("Idempotency-Key"));
		assertThat(runs(app)).isZero();
	}

	@Test
	@DisplayName("K2: without a key the response is what it is without the starter, and nothing is stored")
	void changesNothingWithoutKey() {
		TestApp without = TestApp.shared(List.of(Things.class), StoreKind.MEMORY, "idempotency.enabled=false");
		int callsBefore = calls(lenient());
		HttpResponse<byte[]> response = lenient().post(this.path, null, "{}");
		HttpResponse<byte[]> expected = without.post(this.path, null, "{}");
		assertThat(response.statusCode()).isEqualTo(expected.statusCode());
		assertThat(response.body()).isEqualTo(expected.body());
		assertThat(headersButDate(response)).isEqualTo(headersButDate(expected));
		assertThat(calls(lenient())).isEqualTo(callsBefore);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", "\t", "\"\"", "\"   \"", "\"\";a=1" })
	@DisplayName("K3: an empty or blank key counts as absent")
	void takesBlankKeyAsAbsent(String blank) {
		int callsBefore = calls(lenient());
		for (int run = 1; run <= 2; run++) {
			RawHttp.Response response = raw(lenient(), "Idempotency-Key:" + blank);
			assertThat(response.status()).isEqualTo(201);
			assertThat(response.text()).endsWith("run " + run).doesNotContain("Idempotent-Replayed");
		}
		assertThat(calls(lenient())).isEqualTo(callsBefore);
	}

	@Test
	@DisplayName("K3: a blank key does not fulfil the requirement of a key")
	void refusesBlankKeyWhereOneIsRequired() {
		HttpResponse<byte[]> response = send(renamed(), "X-Operation", "\" \"");
		assertThat(response.statusCode()).isEqualTo(400);
		assertThat(TestApp.text(response)).contains("key-missing");
		assertThat(runs(renamed())).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "order-1", "0b2f1d3c-9a4e-1c6b-8f21-3d5e7a9b0c1d", "0b2f1d3c-9a4e-7c6b-8f21-3d5e7a9b0c1d",
			"{" + UUID_4 + "}", "urn:uuid:" + UUID_4, "0b2f1d3c-9a4e-4c6b-1f21-3d5e7a9b0c1d",
			"0b2f1d3c9a4e-4c6b-8f21-3d5e7a9b0c1d", "0b2f-1d3c9a4e-4c6b-8f21-3d5e7a9b0c1d", UUID_4 + "0",
			"00000000-0000-0000-0000-000000000000", "gb2f1d3c-9a4e-4c6b-8f21-3d5e7a9b0c1d" })
	@DisplayName("K4: a value that is not a UUID of version 4 is answered 422, and no store is touched")
	void refusesKeyThatIsNoUuid(String key) {
		assertRefused(uuidOnly(), key);
	}

	@ParameterizedTest
	@ValueSource(strings = { "0B2F1D3C-9A4E-4C6B-8F21-3D5E7A9B0C1D", "0b2f1d3c9a4e4c6b8f213d5e7a9b0c1d",
			"0B2F1D3C9A4E4C6B8F213D5E7A9B0C1D", "0b2F1d3c-9a4e-4C6b-8f21-3d5e7a9b0c1d", "\"" + UUID_4 + "\"" })
	@DisplayName("K4: the same UUID in another letter case, without dashes or in quotes is the same key")
	void takesSpellingsOfUuidAsOneKey(String spelling) {
		assertOneKey(uuidOnly(), UUID_4, spelling);
	}

	@ParameterizedTest
	@ValueSource(booleans = { false, true })
	@DisplayName("K5: a key of 255 characters is accepted, whatever the quotes and escapes around it")
	void acceptsLongestKey(boolean quoted) {
		String key = quoted ? "\"" + "\\\\".repeat(255) + "\"" : "k".repeat(255);
		assertOneKey(lenient(), key, key);
	}

	@ParameterizedTest
	@CsvSource({ "256, ''", "256, \"", "100000, ''", "100000, \"" })
	@DisplayName("K5: a longer key is answered 422")
	void refusesLongerKey(int length, String quote) {
		HttpResponse<byte[]> response = assertRefused(lenient(), quote + "k".repeat(length) + quote);
		assertThat(TestApp.text(response)).contains(Integer.toString(length), "255");
	}

	@Test
	@DisplayName("K5: the longest key is that of max-key-length")
	void refusesKeyLongerThanConfigured() {
		assertThat(send(renamed(), "X-Operation", "\"1234567890\"").statusCode()).isEqualTo(201);
		assertThat(send(renamed(), "X-Operation", "\"12345678901\"").statusCode()).isEqualTo(422);
	}

	@ParameterizedTest
	@ValueSource(ints = { 10, 33_000 })
	@DisplayName("K6: any number of parameters behind the String is read over")
	void ignoresManyParameters(int count) {
		assertOneKey(lenient(), "abc", "\"abc\"" + ";a=1".repeat(count));
	}

	@Test
	@DisplayName("K6: a String of 100,000 escapes is too long, but no failure")
	void refusesManyEscapes() {
		assertRefused(lenient(), "\"" + "\\\"".repeat(50_000) + "\"");
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`',
			value = { "abc, \"abc\"", "a\"b, \"a\\\"b\"", "a\\b, \"a\\\\b\"", "a b, \"a b\"", "abc, \"abc\";a",
					"abc, `\"abc\"; a=1;b=\"x;\\\"y\";c=?1;*d=tok/en`", "`a,b`, `\"a,b\"`", "a;b, \"a;b\"" })
	@DisplayName("K6: a quoted and an unquoted value are the same key")
	void takesQuotedAndUnquotedAsOneKey(String unquoted, String quoted) {
		assertOneKey(lenient(), unquoted, quoted);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"", "\"abc", "\"abc\\\"", "\"abc\\", "\"a\\bc\"", "\"a\\u0041\"", "\"abc\"def",
			"\"abc\", \"abd\"", "\"abc\";", "\"abc\";A", "\"abc\";a=", "\"abc\";a=\"b", "\"abc\" ;a", "\"a\"b\"" })
	@DisplayName("K6: what begins with a quote but is no String is answered 422")
	void refusesMalformedString(String header) {
		assertRefused(lenient(), header);
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"sch\u00f6n\"", "\"\u20ac\"", "\"a\tb\"", "\"a\u0080b\"", "a\tb" })
	@DisplayName("K6: controls, and other characters than printable ASCII in quotes, are answered 422")
	void refusesOtherCharacters(String header) {
		int callsBefore = calls(lenient());
		for (Charset charset : List.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1)) {
			if (charset.newEncoder().canEncode(header)) {
				RawHttp.Response response = RawHttp.post(lenient().port(), this.path, charset,
						"Idempotency-Key: " + header);
				assertThat(response.status()).isEqualTo(422);
				assertThat(response.text()).contains("key-invalid", "Idempotency-Key").doesNotContain(header);
			}
		}
		assertThat(runs(lenient())).isZero();
		assertThat(calls(lenient())).isEqualTo(callsBefore);
	}

	@ParameterizedTest
	@ValueSource(strings = { "tomcat", "jetty" })
	@DisplayName("K6: the same bytes of a bare key are the same key, and other bytes are another")
	void takesBytesOfBareKeyAsTheyCome(String server) {
		TestApp app = TestApp.shared(List.of(Things.class, ObservedStores.class), StoreKind.MEMORY,
				"test.server=" + server);
		List<Charset> charsets = List.of(StandardCharsets.UTF_8, StandardCharsets.ISO_8859_1);
		for (boolean retry : new boolean[] { false, true }) {
			for (Charset charset : charsets) {
				for (String key : List.of("sch\u00f6n", "sch\u00fcn", "\u00c4\u00d6\u00dc")) {
					RawHttp.Response response = RawHttp.post(app.port(), this.path, charset, "Idempotency-Key: " + key);
					assertThat(response.status()).isEqualTo(201);
					assertThat(response.text().contains("Idempotent-Replayed: true")).isEqualTo(retry);
				}
			}
		}
		assertThat(runs(app)).isEqualTo(6);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', delimiter = '|',
			value = { "abc | abc, abc", "abc | abc,abc", "abc | \"abc\", \"abc\"", "a,b | a,b, a,b" })
	@DisplayName("K6: two equal header lines that a proxy merged are one key")
	void takesMergedHeaderLinesAsOneKey(String key, String merged) {
		assertOneKey(lenient(), key, merged);
	}

	@Test
	@DisplayName("K6: a comma between different values is part of a bare key")
	void takesCommaAsPartOfBareKey() {
		assertOneKey(lenient(), "abc, abd", "abc, abd");
		assertThat(isReplay(send(lenient(), "Idempotency-Key", "abc"))).isFalse();
		assertThat(isReplay(send(lenient(), "Idempotency-Key", "abc, abe"))).isFalse();
	}

	@Test
	@DisplayName("K6: two header lines with one value are one key")
	void acceptsEqualHeaderLines() {
		raw(lenient(), "Idempotency-Key: abc");
		assertThat(raw(lenient(), "Idempotency-Key: abc", "Idempotency-Key: \"abc\"").text())
			.contains("Idempotent-Replayed: true");
		assertThat(raw(lenient(), "Idempotency-Key:", "Idempotency-Key: abc").text())
			.contains("Idempotent-Replayed: true");
		assertThat(runs(lenient())).isEqualTo(1);
	}

	@ParameterizedTest
	@CsvSource(quoteCharacter = '`', value = { "abc, abd", "abc, \"abd\"", "abc, ABC", "abc, \"abc" })
	@DisplayName("K6: two header lines with different values are answered 422")
	void refusesDifferentHeaderLines(String one, String other) {
		int callsBefore = calls(lenient());
		RawHttp.Response response = raw(lenient(), "Idempotency-Key: " + one, "Idempotency-Key: " + other);
		assertThat(response.status()).isEqualTo(422);
		assertThat(response.text()).contains("key-invalid");
		assertThat(runs(lenient())).isZero();
		assertThat(calls(lenient())).isEqualTo(callsBefore);
	}

	@Test
	@DisplayName("K6: keys differ by the case of their letters")
	void takesLetterCaseAsDifference() {
		send(lenient(), "Idempotency-Key", "abc");
		assertThat(isReplay(send(lenient(), "Idempotency-Key", "ABC"))).isFalse();
		assertThat(runs(lenient())).isEqualTo(2);
	}

	@Test
	@DisplayName("K6: with key-syntax=strict an unquoted value is answered 422")
	void refusesUnquotedValueWhenStrict() {
		TestApp app = renamed();
		int callsBefore = calls(app);
		HttpResponse<byte[]> response = send(app, "X-Operation", "abc");
		assertThat(response.statusCode()).isEqualTo(422);
		assertThat(TestApp.text(response)).contains("key-invalid", "double quotes");
		assertThat(runs(app)).isZero();
		assertThat(calls(app)).isEqualTo(callsBefore);
	}

	@Test
	@DisplayName("K8: a bean of type IdempotencyKeyResolver replaces how the key is found")
	void asksKeyResolverOfApplication() {
		TestApp app = TestApp.shared(List.of(Things.class, ObservedStores.class, MessageIdAsKey.class),
				StoreKind.MEMORY);
		assertThat(isReplay(send(app, "Message-Id", "m-1"))).isFalse();
		assertThat(isReplay(send(app, "Message-Id", "m-1"))).isTrue();
		assertThat(runs(app)).isEqualTo(1);
		send(app, "Idempotency-Key", "m-1");
		send(app, "Message-Id", " ");
		assertThat(runs(app)).isEqualTo(3);
		assertThat(send(app, "Message-Id", "k".repeat(256)).statusCode()).isEqualTo(422);
		HttpResponse<byte[]> refused = send(app, "Message-Id", "<none>");
		assertThat(refused.statusCode()).isEqualTo(422);
		assertThat(TestApp.text(refused)).contains("key-invalid", "Give the message an id.");
		assertThat(runs(app)).isEqualTo(3);
	}

	@Test
	@DisplayName("K8: a resolver of the application may begin with what the default does")
	void extendsKeyResolver() {
		TestApp app = TestApp.shared(List.of(Things.class, ObservedStores.class, MessageIdOrHeaderAsKey.class),
				StoreKind.MEMORY);
		assertThat(isReplay(send(app, "Idempotency-Key", "\"m-1\""))).isFalse();
		assertThat(isReplay(send(app, "Message-Id", "m-1"))).isTrue();
		assertThat(runs(app)).isEqualTo(1);
	}

	private static TestApp lenient() {
		return TestApp.shared(List.of(Things.class, ObservedStores.class), StoreKind.MEMORY, LARGE_HEADERS);
	}

	private static TestApp renamed() {
		return TestApp.shared(List.of(Things.class, ObservedStores.class), StoreKind.MEMORY,
				"idempotency.key-header=X-Operation", "idempotency.mode=required", "idempotency.key-syntax=strict",
				"idempotency.max-key-length=10");
	}

	private static TestApp uuidOnly() {
		return TestApp.shared(List.of(Things.class, ObservedStores.class), StoreKind.MEMORY,
				"idempotency.enforce-uuid=true");
	}

	private HttpResponse<byte[]> send(TestApp app, String header, String value) {
		HttpRequest request = app.request("POST", this.path, null, new byte[0]).header(header, value).build();
		return app.send(request);
	}

	private RawHttp.Response raw(TestApp app, String... headerLines) {
		return RawHttp.post(app.port(), this.path, StandardCharsets.ISO_8859_1, headerLines);
	}

	private void assertOneKey(TestApp app, String one, String other) {
		HttpResponse<byte[]> first = send(app, "Idempotency-Key", one);
		HttpResponse<byte[]> retry = send(app, "Idempotency-Key", other);
		assertThat(first.statusCode()).isEqualTo(201);
		assertThat(retry.statusCode()).isEqualTo(201);
		assertThat(isReplay(first)).isFalse();
		assertThat(isReplay(retry)).isTrue();
		assertThat(runs(app)).isEqualTo(1);
	}

	private HttpResponse<byte[]> assertRefused(TestApp app, String header) {
		int callsBefore = calls(app);
		HttpResponse<byte[]> response = send(app, "Idempotency-Key", header);
		assertThat(response.statusCode()).isEqualTo(422);
		assertThat(TestApp.text(response)).contains("key-invalid", "Idempotency-Key");
		assertThat(runs(app)).isZero();
		assertThat(calls(app)).isEqualTo(callsBefore);
		return response;
	}

	private int runs(TestApp app) {
		return app.bean(Runs.class).count(this.name);
	}

	private static int calls(TestApp app) {
		return app.bean(ObservedStores.class).calls();
	}

	private static boolean isReplay(HttpResponse<byte[]> response) {
		return response.headers().firstValue("Idempotent-Replayed").isPresent();
	}

	private static Map<String, List<String>> headersButDate(HttpResponse<byte[]> response) {
		Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		headers.putAll(response.headers().map());
		headers.remove("Date");
		return headers;
	}

	static class MessageIdOrHeaderAsKey {

		@Bean
		IdempotencyKeyResolver messageIdOrHeader() {
			IdempotencyKeyResolver header = IdempotencyKeyResolver.header("Idempotency-Key");
			return (request) -> {
				String key = header.resolveKey(request);
				return (key != null) ? key : request.header("Message-Id");
			};
		}

	}

	static class MessageIdAsKey {

		@Bean
		IdempotencyKeyResolver messageId() {
			return MessageIdAsKey::read;
		}

		private static @Nullable String read(ProtectedRequest request) {
			String id = request.header("Message-Id");
			if ("<none>".equals(id)) {
				throw new IllegalArgumentException("Give the message an id.");
			}
			return id;
		}

	}

}
