package io.idempotency.conformance;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.idempotency.conformance.ConformanceClient.newKey;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What draft-ietf-httpapi-idempotency-key-header-07 says.
 */
@ParameterizedClass
@EnumSource
class IetfConformanceTests {

	private static final String DOCUMENTATION = "https://payments.example/docs/idempotency#";

	private final RecordStore store;

	private final ConformanceApp app;

	private final ConformanceClient client;

	private final String uuid = newKey();

	private final String key = quote(this.uuid);

	IetfConformanceTests(RecordStore store) {
		this.store = store;
		this.app = ConformanceApp.with("ietf", store);
		this.client = this.app.client();
	}

	private static String quote(String key) {
		return '"' + key + '"';
	}

	/**
	 * A client of an application that publishes another format: UUIDs, quoted or not.
	 */
	private ConformanceClient lenient() {
		return ConformanceApp
			.with("ietf", this.store, "idempotency.key-syntax=lenient", "idempotency.enforce-uuid=true",
					"spring.messages.basename=ietf-messages")
			.client();
	}

	private static void assertRefused(Answer refused, int status, String type) {
		refused.assertProblem(status, type);
		assertThat(refused.text()).contains("\"type\":\"" + DOCUMENTATION + type + "\"");
		assertThat(refused.header("Link")).isEqualTo("<" + DOCUMENTATION + type + ">; rel=\"describedby\"");
	}

	@Test
	@DisplayName("IE-01, IE-09: a request without the key is answered 400, with a link to the documentation")
	void refusesMissingKey() {
		assertRefused(this.client.post(null, "/things"), 400, "key-missing");
		assertRefused(this.client.send("PATCH", null, "/things", "{}"), 400, "key-missing");
		assertThat(this.client.runs()).isZero();
	}

	@Test
	@DisplayName("IE-02: a key comes in quotes; a bare one is answered 400, unless that is allowed, and is then the same key")
	void readsQuotedKey() {
		Answer first = this.client.post(this.key, "/things");
		assertThat(first.status()).isEqualTo(201);
		this.client.post(this.key, "/things").assertReplays(first);
		assertRefused(this.client.post(this.uuid, "/things"), 400, "key-invalid");
		ConformanceClient lenient = lenient();
		Answer quoted = lenient.post(this.key, "/things");
		lenient.post(this.uuid, "/things").assertReplays(quoted);
	}

	@Test
	@DisplayName("IE-03: quotes and backslashes in a key are escaped")
	void unescapesKey() {
		Answer first = this.client.post(quote(this.uuid + "\\\"\\\\"), "/things");
		assertThat(first.status()).isEqualTo(201);
		this.client.post(quote(this.uuid + "\\\"\\\\"), "/things").assertReplays(first);
		assertThat(this.client.post(this.key, "/things").isReplay()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"unterminated", "\"other \\n escape\"", "\"tab\t\"", "\"behind\" it", "\"one\", \"two\"",
			"token", "?1", ":YWJj:" })
	@DisplayName("IE-03, IE-04: what is not one string of ASCII is answered 400")
	void refusesMalformedKey(String header) {
		assertRefused(this.client.post(header, "/things"), 400, "key-invalid");
		assertThat(this.client.runs()).isZero();
	}

	@Test
	@DisplayName("IE-04: two lines with different keys are answered 400")
	void refusesTwoKeys() {
		assertRefused(this.client.postWithKeys("/things", this.key, quote(newKey())), 400, "key-invalid");
		assertThat(this.client.runs()).isZero();
	}

	@Test
	@DisplayName("IE-03: characters beyond ASCII are answered 400")
	void refusesKeyBeyondAscii() throws IOException {
		assertThat(this.client.statusOfPost("/things", quote("caf\u00e9"))).isEqualTo(400);
		assertThat(this.client.runs()).isZero();
	}

	@Test
	@DisplayName("IE-05: parameters behind the key are ignored")
	void ignoresParameters() {
		Answer first = this.client.post(this.key + ";v=1", "/things");
		this.client.post(this.key + "; source=\"a;b\"", "/things").assertReplays(first);
		this.client.post(this.key, "/things").assertReplays(first);
	}

	@ParameterizedTest
	@ValueSource(strings = { "/things", "/status/204", "/status/404", "/status/500", "/refuse", "/fail-once" })
	@DisplayName("IE-06: a retry gets the result of the first, success or error")
	void replaysSuccessAndError(String path) {
		Answer first = this.client.post(this.key, path);
		this.client.post(this.key, path).assertReplays(first);
		assertThat(this.client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("IE-07, IE-09: the same key with another payload is answered 422, with a link to the documentation")
	void refusesOtherPayload() {
		this.client.post(this.key, "/things", "{\"amount\": 1}");
		assertRefused(this.client.post(this.key, "/things", "{\"amount\": 2}"), 422, "key-reused");
		assertThat(this.client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("IE-08: while the first is outstanding, a retry is answered 409")
	void refusesConcurrentRequest() {
		CompletableFuture<Answer> first = this.client.start(this.key, "/slow");
		this.client.awaitRun(1);
		assertRefused(this.client.post(this.key, "/slow"), 409, "in-progress");
		this.client.letGo();
		assertThat(first.join().status()).isEqualTo(201);
		this.client.post(this.key, "/slow").assertReplays(first.join());
	}

	@Test
	@DisplayName("IE-01, IE-07, IE-08: the messages of the application may give the titles of the draft")
	void takesTitlesFromMessages() {
		ConformanceClient lenient = lenient();
		assertThat(lenient.post(null, "/things").text()).contains("\"title\":\"Idempotency-Key is missing\"");
		CompletableFuture<Answer> first = lenient.start(this.key, "/slow");
		lenient.awaitRun(1);
		assertThat(lenient.post(this.key, "/slow").text())
			.contains("\"title\":\"A request is outstanding for this Idempotency-Key\"");
		assertThat(lenient.post(this.key, "/slow", "{\"other\": 1}").text())
			.contains("\"title\":\"Idempotency-Key is already used\"");
		lenient.letGo();
		first.join();
	}

	@Test
	@DisplayName("IE-10: a key is kept for 24 hours, as published")
	void forgetsAfterADay() {
		Answer first = this.client.post(this.key, "/things");
		this.app.advance(Duration.ofHours(24).minusMinutes(1));
		this.client.post(this.key, "/things").assertReplays(first);
		this.app.advance(Duration.ofMinutes(1));
		assertThat(this.client.post(this.key, "/things").isReplay()).isFalse();
	}

	@Test
	@DisplayName("IE-11: a key that is not of the published format is answered 400")
	void refusesKeyOfOtherFormat() {
		ConformanceClient lenient = lenient();
		assertRefused(lenient.post(quote("order-1"), "/things"), 400, "key-invalid");
		assertThat(lenient.runs()).isZero();
	}

	@Test
	@DisplayName("IE-12: the same key of two clients is two keys")
	void separatesClients() {
		Answer anna = this.client.post(this.key, "/things", "{}", HeaderPrincipalFilter.HEADER, "anna");
		assertThat(this.client.post(this.key, "/things", "{}", HeaderPrincipalFilter.HEADER, "bert").isReplay())
			.isFalse();
		this.client.post(this.key, "/things", "{}", HeaderPrincipalFilter.HEADER, "anna").assertReplays(anna);
	}

}
