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
 * What the documentation of the Stripe API promises.
 */
@ParameterizedClass
@EnumSource
class StripeConformanceTests {

	private final ConformanceApp app;

	private final ConformanceClient client;

	private final String key = newKey();

	StripeConformanceTests(RecordStore store) {
		this.app = ConformanceApp.with("stripe", store);
		this.client = this.app.client();
	}

	@Test
	@DisplayName("Stripe: a retry gets the same result, marked Idempotent-Replayed: true")
	void replays() {
		Answer first = this.client.post(this.key, "/things");
		this.client.post(this.key, "/things").assertReplays(first);
		assertThat(this.client.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(ints = { 200, 201, 204, 400, 402, 404, 429, 500, 503 })
	@DisplayName("Stripe: the result is kept whether the handler succeeds or fails, 500 included")
	void keepsEveryStatus(int status) {
		Answer first = this.client.post(this.key, "/status/" + status);
		assertThat(first.status()).isEqualTo(status);
		this.client.post(this.key, "/status/" + status).assertReplays(first);
		assertThat(this.client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("Stripe: the 500 of a handler that throws is kept, too")
	void keepsErrorOfHandlerThatThrows() {
		Answer first = this.client.post(this.key, "/fail-once");
		assertThat(first.status()).isEqualTo(500);
		this.client.post(this.key, "/fail-once").assertReplays(first);
		assertThat(this.client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("Stripe: a key has up to 255 characters")
	void limitsLengthOfKey() {
		String longest = this.key + "x".repeat(255 - this.key.length());
		assertThat(this.client.post(longest, "/things").status()).isEqualTo(201);
		this.client.post(longest + "x", "/things").assertProblem(400, "key-invalid");
		assertThat(this.client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("Stripe: other parameters with the same key are an error 400, and harm nothing")
	void refusesOtherParameters() {
		Answer first = this.client.post(this.key, "/things", "{\"amount\": 1}");
		this.client.post(this.key, "/things", "{\"amount\": 2}").assertProblem(400, "key-reused");
		this.client.post(this.key, "/things?expand=customer", "{\"amount\": 1}").assertProblem(400, "key-reused");
		this.client.post(this.key, "/things", "{\"amount\": 1}").assertReplays(first);
		assertThat(this.client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("Stripe: a request that conflicts with one in execution is answered 409, and can be retried")
	void refusesConcurrentRequest() {
		CompletableFuture<Answer> first = this.client.start(this.key, "/slow");
		this.client.awaitRun(1);
		this.client.post(this.key, "/slow").assertProblem(409, "in-progress");
		this.client.letGo();
		assertThat(first.join().status()).isEqualTo(201);
		this.client.post(this.key, "/slow").assertReplays(first.join());
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "DELETE" })
	@DisplayName("Stripe: keys have no effect on GET and DELETE")
	void ignoresOtherMethods(String method) {
		this.client.send(method, this.key, "/things", "");
		assertThat(this.client.send(method, this.key, "/things", "").isReplay()).isFalse();
		assertThat(this.client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("Stripe: keys of two accounts have nothing to do with each other")
	void separatesAccounts() {
		Answer one = this.client.post(this.key, "/things", "{}", "Authorization", "Bearer sk_one");
		Answer other = this.client.post(this.key, "/things", "{\"other\": 1}", "Authorization", "Bearer sk_other");
		assertThat(other.status()).isEqualTo(201);
		assertThat(other.isReplay()).isFalse();
		this.client.post(this.key, "/things", "{}", "Authorization", "Bearer sk_one").assertReplays(one);
	}

	@Test
	@DisplayName("Stripe: after 24 hours a key is new")
	void forgetsAfterADay() {
		Answer first = this.client.post(this.key, "/things");
		this.app.advance(Duration.ofHours(24).minusMinutes(1));
		this.client.post(this.key, "/things").assertReplays(first);
		this.app.advance(Duration.ofMinutes(1));
		assertThat(this.client.post(this.key, "/things").isReplay()).isFalse();
		assertThat(this.client.runs()).isEqualTo(2);
	}

}
