package io.idempotency.conformance;

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
 * What asgi-idempotency-header promises.
 */
@ParameterizedClass
@EnumSource
class AsgiConformanceTests {

	private final RecordStore store;

	private final String key = newKey();

	AsgiConformanceTests(RecordStore store) {
		this.store = store;
	}

	private ConformanceApp app() {
		return ConformanceApp.with("asgi", this.store);
	}

	private ConformanceClient strict() {
		return ConformanceApp
			.with("asgi", this.store, "idempotency.enforce-uuid=true", "idempotency.methods=POST",
					"idempotency.expiry=never")
			.client();
	}

	private ConformanceClient renamed() {
		return ConformanceApp
			.with("asgi", this.store, "idempotency.key-header=X-Foo", "idempotency.replay-header=X-Replayed",
					"idempotency.enforce-uuid=true", "idempotency.methods=POST,PATCH,PUT",
					"idempotency.fingerprint=query,body")
			.client("X-Foo");
	}

	@Test
	@DisplayName("ASGI-01: without a key, responses and their headers are as without the library")
	void changesNothingWithoutKey() {
		ConformanceClient client = app().client();
		Answer with = client.post(null, "/things");
		Answer without = ConformanceApp.with("asgi", RecordStore.MEMORY, "idempotency.enabled=false")
			.client()
			.post(null, "/things");
		assertThat(with.status()).isEqualTo(without.status());
		assertThat(with.headers()).isEqualTo(without.headers());
		assertThat(with.body()).isEqualTo(without.body());
		client.post(null, "/things");
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("ASGI-02, ASGI-03, ASGI-04: a repeated POST gets the first JSON and status 201 again, marked; the first is not marked")
	void replaysPost() {
		ConformanceClient client = app().client();
		Answer first = client.post(this.key, "/things");
		assertThat(first.status()).isEqualTo(201);
		client.post(this.key, "/things").assertReplays(first);
		assertThat(client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("ASGI-05: a repeated PATCH is replayed")
	void replaysPatch() {
		ConformanceClient client = app().client();
		Answer first = client.send("PATCH", this.key, "/things", "{}");
		client.send("PATCH", this.key, "/things", "{}").assertReplays(first);
		assertThat(client.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "PATCH", "PUT" })
	@DisplayName("ASGI-06: with POST as the one method, PATCH and PUT run again")
	void ignoresMethodsThatAreNotConfigured(String method) {
		assertRunsAgain(strict(), method, "/things");
	}

	@Test
	@DisplayName("ASGI-07: with PUT among the methods, a repeated PUT is replayed")
	void replaysConfiguredMethod() {
		ConformanceClient client = renamed();
		Answer first = client.send("PUT", this.key, "/things", "{}");
		client.send("PUT", this.key, "/things", "{}").assertReplays(first, 201, "X-Replayed");
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "HEAD", "OPTIONS", "DELETE" })
	@DisplayName("ASGI-08: other methods are never replayed")
	void ignoresOtherMethods(String method) {
		assertRunsAgain(app().client(), method, "/things");
	}

	@ParameterizedTest
	@ValueSource(strings = { "test", "123", "aaaaaaaaaaaaaaaaaaaa", "gggggggggggg4ggg8ggggggggggggggg" })
	@DisplayName("ASGI-09: with UUIDs enforced, another key is answered 422 and runs nothing")
	void refusesKeyThatIsNoUuid(String key) {
		ConformanceClient client = strict();
		Answer refused = client.post(key, "/things");
		refused.assertProblem(422, "key-invalid");
		assertThat(refused.text()).contains("Idempotency-Key");
		assertThat(client.runs()).isZero();
	}

	@Test
	@DisplayName("ASGI-10: with UUIDs enforced, one without dashes is accepted")
	void acceptsUuidWithoutDashes() {
		ConformanceClient client = strict();
		Answer first = client.post(this.key.replace("-", ""), "/things");
		assertThat(first.status()).isEqualTo(201);
		client.post(this.key, "/things").assertReplays(first);
	}

	@ParameterizedTest
	@ValueSource(strings = { "c232ab00-9414-11ec-b3c8-9f6bdeced846", "{cbd2e05a-6b0c-4c2c-9d51-1a3c3f2d4e5f}",
			"urn:uuid:cbd2e05a-6b0c-4c2c-9d51-1a3c3f2d4e5f", "cbd2-e05a6b0c-4c2c-9d51-1a3c3f2d4e5f" })
	@DisplayName("ASGI-11: with UUIDs enforced, other versions and spellings are refused, which Python accepts")
	void refusesOtherVersionsAndSpellings(String key) {
		assertThat(strict().post(key, "/things").status()).isEqualTo(422);
	}

	@Test
	@DisplayName("ASGI-12: with UUIDs enforced, a quoted one is accepted")
	void acceptsQuotedUuid() {
		ConformanceClient client = strict();
		Answer first = client.post('"' + this.key + '"', "/things");
		assertThat(first.status()).isEqualTo(201);
		client.post(this.key, "/things").assertReplays(first);
	}

	@Test
	@DisplayName("ASGI-13: any text is a key by default")
	void acceptsAnyKey() {
		ConformanceClient client = app().client();
		Answer first = client.post("order no. 1 of " + this.key, "/things");
		client.post("order no. 1 of " + this.key, "/things").assertReplays(first);
	}

	@Test
	@DisplayName("ASGI-14: an empty key counts as absent")
	void ignoresEmptyKey() {
		ConformanceClient client = app().client();
		assertThat(client.post("", "/things").isReplay()).isFalse();
		assertThat(client.post("", "/things").isReplay()).isFalse();
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("ASGI-15, ASGI-16: while the first runs, the key is answered 409; after that, with the replay")
	void refusesConcurrentRequest() {
		ConformanceClient client = app().client();
		CompletableFuture<Answer> first = client.start(this.key, "/slow");
		client.awaitRun(1);
		client.post(this.key, "/slow").assertProblem(409, "in-progress");
		client.letGo();
		assertThat(first.join().status()).isEqualTo(201);
		client.post(this.key, "/slow").assertReplays(first.join());
		assertThat(client.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "application/xml", "text/html", "image/jpeg", "text/plain" })
	@DisplayName("ASGI-17, ASGI-19: what is not called JSON is not stored, even if it is JSON")
	void storesNothingButJson(String type) {
		ConformanceClient client = app().client();
		Answer first = client.post(this.key, "/echo?type=" + type, "{\"valid\": true}");
		Answer again = client.post(this.key, "/echo?type=" + type, "{\"valid\": true}");
		assertThat(first.text()).isEqualTo("{\"valid\": true}");
		assertThat(again.text()).isEqualTo("{\"valid\": true}");
		assertThat(again.isReplay()).isFalse();
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("ASGI-18: a redirect is delivered, and not stored")
	void storesNoRedirect() {
		ConformanceClient client = app().client();
		assertThat(client.post(this.key, "/redirect").header("Location")).isEqualTo("/things/1");
		assertThat(client.post(this.key, "/redirect").header("Location")).isEqualTo("/things/2");
	}

	@Test
	@DisplayName("ASGI-18, ASGI-30: a stream that is not JSON is delivered whole, and not stored")
	void deliversStream() {
		ConformanceClient client = app().client();
		assertThat(client.post(this.key, "/stream").text()).isEqualTo("chunk 1;chunk 2;chunk 3;");
		assertThat(client.post(this.key, "/stream").text()).isEqualTo("chunk 1;chunk 2;chunk 3;");
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("ASGI-20: a response without a content type is stored if it is JSON")
	void storesJsonWithoutType() {
		ConformanceClient client = app().client();
		Answer first = client.post(this.key, "/untyped", "{\"valid\": true}");
		assertThat(first.headers()).doesNotContainKey("Content-Type");
		client.post(this.key, "/untyped", "{\"valid\": true}").assertReplays(first);
		String otherKey = newKey();
		client.post(otherKey, "/untyped", "not JSON");
		assertThat(client.post(otherKey, "/untyped", "not JSON").isReplay()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "application/json;charset=utf-8", "application/problem%2Bjson" })
	@DisplayName("ASGI-21: JSON with a charset, or of a derived type, is stored, which the original does not")
	void storesJsonOfEveryType(String type) {
		ConformanceClient client = app().client();
		Answer first = client.post(this.key, "/echo?type=" + type, "{}");
		client.post(this.key, "/echo?type=" + type, "{}").assertReplays(first);
	}

	@Test
	@DisplayName("ASGI-22: a 204 is stored, which the original does not")
	void storesEmptyResponse() {
		ConformanceClient client = app().client();
		Answer first = client.post(this.key, "/status/204");
		client.post(this.key, "/status/204").assertReplays(first);
		assertThat(client.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "[]", "{}", "0", "false", "null", "\"\"" })
	@DisplayName("ASGI-23: empty and false JSON is stored")
	void storesFalsyJson(String json) {
		ConformanceClient client = app().client();
		Answer first = client.post(this.key, "/echo?type=application/json", json);
		client.post(this.key, "/echo?type=application/json", json).assertReplays(first);
	}

	@ParameterizedTest
	@ValueSource(ints = { 200, 400, 404, 422, 500, 503 })
	@DisplayName("ASGI-24: JSON of every status is stored, errors included")
	void storesEveryStatus(int status) {
		ConformanceClient client = app().client();
		Answer first = client.post(this.key, "/status/" + status);
		assertThat(first.status()).isEqualTo(status);
		client.post(this.key, "/status/" + status).assertReplays(first);
		assertThat(client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("ASGI-25: Location and other headers are replayed")
	void replaysHeaders() {
		ConformanceClient client = app().client();
		client.post(this.key, "/things");
		Answer retry = client.post(this.key, "/things");
		assertThat(retry.header("Location")).isEqualTo("/things/1");
		assertThat(retry.header("X-Several")).isEqualTo("one, two");
	}

	@Test
	@DisplayName("ASGI-26: another path never gets the first path's response")
	void separatesPaths() {
		ConformanceClient client = app().client();
		client.post(this.key, "/things");
		assertThat(client.post(this.key, "/other-things").isReplay()).isFalse();
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("ASGI-27: a changed body is replayed; by one property it is refused")
	void replaysChangedBody() {
		ConformanceClient client = app().client();
		Answer first = client.post(this.key, "/things", "{\"amount\": 1}");
		client.post(this.key, "/things", "{\"amount\": 2}").assertReplays(first);
		ConformanceClient comparing = renamed();
		comparing.post(this.key, "/things", "{\"amount\": 1}");
		comparing.post(this.key, "/things", "{\"amount\": 2}").assertProblem(422, "key-reused");
	}

	@Test
	@DisplayName("ASGI-28, ASGI-34: a response is kept for 24 hours, and then the key runs as new")
	void runsAsNewAfterExpiry() {
		ConformanceApp app = app();
		ConformanceClient client = app.client();
		Answer first = client.post(this.key, "/things");
		app.advance(Duration.ofHours(24).minusMinutes(1));
		client.post(this.key, "/things").assertReplays(first);
		app.advance(Duration.ofMinutes(1));
		Answer second = client.post(this.key, "/things");
		assertThat(second.text()).contains("2");
		client.post(this.key, "/things").assertReplays(second);
	}

	@Test
	@DisplayName("ASGI-29: a handler that throws frees its key")
	void runsAgainAfterException() {
		ConformanceClient client = app().client();
		assertThat(client.post(this.key, "/fail-once").status()).isEqualTo(500);
		Answer second = client.post(this.key, "/fail-once");
		assertThat(second.status()).isEqualTo(200);
		client.post(this.key, "/fail-once").assertReplays(second);
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("ASGI-31: two users with one key do not share a response")
	void separatesUsers() {
		ConformanceClient client = app().client();
		Answer anna = client.post(this.key, "/things", "{}", HeaderPrincipalFilter.HEADER, "anna");
		Answer bert = client.post(this.key, "/things", "{}", HeaderPrincipalFilter.HEADER, "bert");
		assertThat(bert.isReplay()).isFalse();
		client.post(this.key, "/things", "{}", HeaderPrincipalFilter.HEADER, "anna").assertReplays(anna);
		client.post(this.key, "/things", "{}", HeaderPrincipalFilter.HEADER, "bert").assertReplays(bert);
	}

	@Test
	@DisplayName("ASGI-32, ASGI-33: the headers can be renamed, and then errors name the new one")
	void renamesHeaders() {
		ConformanceClient client = renamed();
		Answer first = client.post(this.key, "/things");
		client.post(this.key, "/things").assertReplays(first, 201, "X-Replayed");
		client.post(null, "/things", "{}", "Idempotency-Key", this.key);
		assertThat(client.runs()).isEqualTo(2);
		Answer refused = client.post("no-uuid", "/things");
		refused.assertProblem(422, "key-invalid");
		assertThat(refused.text()).contains("X-Foo").doesNotContain("Idempotency-Key");
	}

	@Test
	@DisplayName("ASGI-35: without an expiry, a response is kept for ever")
	void keepsForEver() {
		ConformanceApp app = ConformanceApp.with("asgi", this.store, "idempotency.enforce-uuid=true",
				"idempotency.methods=POST", "idempotency.expiry=never");
		ConformanceClient client = app.client();
		Answer first = client.post(this.key, "/things");
		app.advance(Duration.ofDays(36_500));
		client.post(this.key, "/things").assertReplays(first);
	}

	private void assertRunsAgain(ConformanceClient client, String method, String path) {
		assertThat(client.send(method, this.key, path, "").isReplay()).isFalse();
		assertThat(client.send(method, this.key, path, "").isReplay()).isFalse();
		assertThat(client.runs()).isEqualTo(2);
	}

}
