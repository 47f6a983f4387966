package io.idempotency.conformance;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.idempotency.store.IdempotencyStore;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.idempotency.conformance.ConformanceClient.newKey;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What Attestix issue 69 asks for, and what was built from it keeps.
 */
@ParameterizedClass
@EnumSource
class AttestixConformanceTests {

	private static final String MARK = "Idempotency-Replayed";

	private final ConformanceApp app;

	private final ConformanceClient client;

	private final String key = newKey();

	AttestixConformanceTests(RecordStore store) {
		this.app = ConformanceApp.with("attestix", store);
		this.client = this.app.client();
	}

	@Test
	@DisplayName("AT-01: without a key, a POST runs each time, and is answered as without the library")
	void changesNothingWithoutKey() {
		Answer with = this.client.post(null, "/things");
		Answer without = ConformanceApp.with("attestix", RecordStore.MEMORY, "idempotency.enabled=false")
			.client()
			.post(null, "/things");
		assertThat(with.headers()).isEqualTo(without.headers());
		assertThat(with.body()).isEqualTo(without.body());
		this.client.post(null, "/things");
		assertThat(this.client.runs()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "PUT", "PATCH", "DELETE" })
	@DisplayName("AT-02: only POST is intercepted")
	void ignoresOtherMethods(String method) {
		this.client.send(method, this.key, "/things", "");
		assertThat(this.client.send(method, this.key, "/things", "").headers()).doesNotContainKey(MARK);
		assertThat(this.client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("AT-03, AT-04, AT-05: the same request gets the same 201, headers and body, marked")
	void replays() {
		Answer first = this.client.post(this.key, "/things");
		this.client.post(this.key, "/things").assertReplays(first, 201, MARK);
		assertThat(this.client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("AT-06: the same key with another body is answered 409, and harms nothing")
	void refusesOtherBody() {
		Answer first = this.client.post(this.key, "/things", "{\"amount\": 1}");
		Answer refused = this.client.post(this.key, "/things", "{\"amount\": 2}");
		refused.assertProblem(409, "key-reused");
		assertThat(refused.headers()).doesNotContainKey(MARK);
		this.client.post(this.key, "/things", "{\"amount\": 1}").assertReplays(first, 201, MARK);
		assertThat(this.client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("AT-07: three identical POSTs create one resource")
	void createsOneResource() {
		String order = "Order " + newKey();
		IntStream.range(0, 3).forEach((i) -> pay(this.key, order));
		assertThat(this.client.get("/payments").text()).containsOnlyOnce(order);
	}

	@Test
	@DisplayName("AT-08: two keys create two resources")
	void createsResourceForEachKey() {
		String order = "Order " + newKey();
		String one = pay(this.key, order).header("Location");
		String other = pay(newKey(), order).header("Location");
		assertThat(one).isNotNull().isNotEqualTo(other);
	}

	@Test
	@DisplayName("AT-09: two tenants may use the same key with different bodies")
	void separatesTenants() {
		Answer acme = this.client.post(this.key, "/things", "{\"amount\": 1}", HeaderPrincipalFilter.HEADER, "acme");
		Answer globex = this.client.post(this.key, "/things", "{\"amount\": 2}", HeaderPrincipalFilter.HEADER,
				"globex");
		assertThat(List.of(acme.status(), globex.status())).containsOnly(201);
		assertThat(this.client.runs()).isEqualTo(2);
		this.client.post(this.key, "/things", "{\"amount\": 1}", HeaderPrincipalFilter.HEADER, "acme")
			.assertReplays(acme, 201, MARK);
	}

	@Test
	@DisplayName("AT-10: a key that is older than 24 hours is new")
	void forgetsAfterADay() {
		Answer first = this.client.post(this.key, "/things");
		this.app.advance(Duration.ofHours(24).minusMinutes(1));
		this.client.post(this.key, "/things").assertReplays(first, 201, MARK);
		this.app.advance(Duration.ofMinutes(2));
		this.client.post(this.key, "/things");
		assertThat(this.client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("AT-11: purging removes the expired record, counts it, and leaves the fresh one")
	void purgesExpiredRecords() {
		IdempotencyStore store = this.app.bean(IdempotencyStore.class);
		this.app.advance(Duration.ofHours(25));
		store.purgeExpired();
		this.client.post(this.key, "/things");
		this.app.advance(Duration.ofHours(23));
		String freshKey = newKey();
		Answer fresh = this.client.post(freshKey, "/things");
		this.app.advance(Duration.ofHours(2));
		// Redis drops expired records by itself.
		assertThat(store.purgeExpired()).isEqualTo((this.app.store() == RecordStore.MEMORY) ? 1 : 0);
		this.client.post(freshKey, "/things").assertReplays(fresh, 201, MARK);
		assertThat(this.client.post(this.key, "/things").headers()).doesNotContainKey(MARK);
	}

	@ParameterizedTest
	@ValueSource(ints = { 303, 400, 404, 500 })
	@DisplayName("AT-13: what is not 2xx runs again")
	void runsAgainAfterOtherStatus(int status) {
		this.client.post(this.key, "/status/" + status);
		assertThat(this.client.post(this.key, "/status/" + status).status()).isEqualTo(status);
		assertThat(this.client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("AT-14: while the first runs, the same request is answered 409, and another body with the mismatch")
	void refusesConcurrentRequest() {
		CompletableFuture<Answer> first = this.client.start(this.key, "/slow");
		this.client.awaitRun(1);
		this.client.post(this.key, "/slow").assertProblem(409, "in-progress");
		this.client.post(this.key, "/slow", "{\"other\": 1}").assertProblem(409, "key-reused");
		this.client.letGo();
		assertThat(first.join().status()).isEqualTo(201);
	}

	@Test
	@DisplayName("AT-15: a handler that throws frees its key")
	void runsAgainAfterException() {
		assertThat(this.client.post(this.key, "/fail-once").status()).isEqualTo(500);
		assertThat(this.client.post(this.key, "/fail-once").status()).isEqualTo(200);
	}

	@Test
	@DisplayName("AT-16, AT-22: a binary body reaches the handler, and comes back, byte for byte")
	void keepsBinaryBody() {
		String bytes = IntStream.range(0, 256).mapToObj(Character::toString).collect(Collectors.joining());
		Answer first = this.client.post(this.key, "/echo?type=application/octet-stream", bytes);
		assertThat(first.body()).hasSize(256).startsWith(0, 1, 2).endsWith(0xfd, 0xfe, 0xff);
		this.client.post(this.key, "/echo?type=application/octet-stream", bytes).assertReplays(first, 200, MARK);
	}

	@Test
	@DisplayName("AT-17: the replay of a 204 has no body and no content type")
	void replaysEmptyResponse() {
		Answer first = this.client.post(this.key, "/status/204");
		Answer retry = this.client.post(this.key, "/status/204");
		retry.assertReplays(first, 204, MARK);
		assertThat(retry.body()).isEmpty();
		assertThat(retry.headers()).doesNotContainKey("Content-Type");
	}

	@Test
	@DisplayName("AT-20: the same key on another path is another operation")
	void separatesPaths() {
		this.client.post(this.key, "/things");
		assertThat(this.client.post(this.key, "/other-things").status()).isEqualTo(201);
		assertThat(this.client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("AT-21: by one property no body is kept, and a retry is told that the operation was carried out")
	void keepsReceiptInPlaceOfBody() {
		ConformanceClient frugal = ConformanceApp.with("attestix", this.app.store(), "idempotency.max-response-size=0B")
			.client();
		assertThat(frugal.post(this.key, "/things").text()).isEqualTo("{\"run\":1}");
		frugal.post(this.key, "/things").assertProblem(409, "response-not-stored");
		assertThat(frugal.runs()).isEqualTo(1);
	}

	private Answer pay(String key, String reference) {
		return this.client.post(key, "/payments",
				"{\"amount\": \"12.50\", \"currency\": \"EUR\", \"reference\": \"" + reference + "\"}");
	}

}
