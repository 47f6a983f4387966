package io.idempotency.conformance;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyExempt;
import io.idempotency.Idempotent;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.web.IdempotencyKeyResolver;
import io.idempotency.web.IdempotencyScopeResolver;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

import static io.idempotency.conformance.ConformanceClient.newKey;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What django-idempotency-key promises.
 */
@ParameterizedClass
@EnumSource
class DjangoConformanceTests {

	private static final String MARK = Answer.REPLAYED;

	private final RecordStore store;

	private final String key = newKey();

	DjangoConformanceTests(RecordStore store) {
		this.store = store;
	}

	private ConformanceApp app(String... properties) {
		return ConformanceApp.with("django", this.store, List.of(Annotated.class), properties);
	}

	private ConformanceClient required() {
		return app().client();
	}

	private ConformanceClient optIn() {
		return app("idempotency.mode=annotated").client();
	}

	private ConformanceApp originalStatus() {
		return app("idempotency.replay-status=");
	}

	private ConformanceClient okWithoutLock() {
		return app("idempotency.replay-status=200", "idempotency.store-on-statuses=201", "idempotency.wait-timeout=0")
			.client();
	}

	private ConformanceClient otherStatuses() {
		return app("idempotency.store-on-statuses=207,400", "idempotency.key-header=X-Other").client("X-Other");
	}

	private ConformanceApp namedStores() {
		return ConformanceApp.with("django", RecordStore.MEMORY, List.of(NamedStores.class, StoredByName.class));
	}

	@Test
	@DisplayName("DJ-01: where keys are required, a GET needs none")
	void needsNoKeyForSafeMethods() {
		ConformanceClient client = required();
		for (String method : List.of("GET", "HEAD", "OPTIONS")) {
			assertThat(client.send(method, null, "/things", "").status()).isEqualTo(201);
		}
		assertThat(client.send("GET", this.key, "/things", "").isReplay()).isFalse();
		assertThat(client.send("GET", this.key, "/things", "").isReplay()).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "POST", "PUT", "PATCH", "DELETE" })
	@DisplayName("DJ-02: where keys are required, every unsafe method is answered 400 without one")
	void refusesUnsafeMethodWithoutKey(String method) {
		ConformanceClient client = required();
		client.send(method, null, "/things", "").assertProblem(400, "key-missing");
		assertThat(client.runs()).isZero();
	}

	@ParameterizedTest
	@ValueSource(strings = { "POST", "PUT", "PATCH", "DELETE" })
	@DisplayName("DJ-03, DJ-11, DJ-46: a duplicate is answered 409 with the body and headers of the first, and marked")
	void replaysWithConflictStatus(String method) {
		ConformanceClient client = required();
		Answer first = client.send(method, this.key, "/things", "{}");
		assertThat(first.status()).isEqualTo(201);
		client.send(method, this.key, "/things", "{}").assertReplays(first, 409, MARK);
		assertThat(client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("DJ-04, DJ-05: an exempt handler runs each time, with a key or without")
	void runsExemptHandlerEachTime() {
		ConformanceClient client = required();
		client.post(null, "/exempt");
		client.post(null, "/exempt");
		client.post(this.key, "/exempt");
		assertThat(client.post(this.key, "/exempt").isReplay()).isFalse();
		assertThat(client.runs()).isEqualTo(4);
	}

	@Test
	@DisplayName("DJ-06: where handlers opt in, others run each time")
	void runsHandlerThatDidNotOptInEachTime() {
		ConformanceClient client = optIn();
		assertThat(client.post(null, "/things").status()).isEqualTo(201);
		assertThat(client.post(this.key, "/things").status()).isEqualTo(201);
		assertThat(client.post(this.key, "/things").status()).isEqualTo(201);
		assertThat(client.runs()).isEqualTo(3);
	}

	@Test
	@DisplayName("DJ-07: where handlers opt in, those that did need a key")
	void requiresKeyWhereHandlerOptedIn() {
		ConformanceClient client = optIn();
		client.post(null, "/opted-in").assertProblem(400, "key-missing");
		assertThat(client.runs()).isZero();
	}

	@Test
	@DisplayName("DJ-08: where handlers opt in, those that did run once")
	void runsOptedInHandlerOnce() {
		ConformanceClient client = optIn();
		Answer first = client.post(this.key, "/opted-in");
		client.post(this.key, "/opted-in").assertReplays(first, 409, MARK);
		assertThat(client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("DJ-09, DJ-10: an optional handler runs each time without a key, and once with one")
	void protectsOptionalHandlerWithKey() {
		ConformanceClient client = optIn();
		assertThat(client.post(null, "/optional").status()).isEqualTo(201);
		assertThat(client.post(null, "/optional").status()).isEqualTo(201);
		Answer first = client.post(this.key, "/optional");
		client.post(this.key, "/optional").assertReplays(first, 409, MARK);
		assertThat(client.runs()).isEqualTo(3);
	}

	@Test
	@DisplayName("DJ-12: without a conflict status, a duplicate has the status of the first")
	void replaysWithOriginalStatus() {
		ConformanceClient client = originalStatus().client();
		Answer first = client.post(this.key, "/things");
		client.post(this.key, "/things").assertReplays(first, 201, MARK);
	}

	@Test
	@DisplayName("DJ-13: with conflict status 200, a duplicate of a 201 is a 200")
	void replaysWithConfiguredStatus() {
		ConformanceClient client = okWithoutLock();
		Answer first = client.post(this.key, "/things");
		client.post(this.key, "/things").assertReplays(first, 200, MARK);
	}

	@Test
	@DisplayName("DJ-14, DJ-15: a manual handler runs for a duplicate, is given the stored response, and answers by itself")
	void runsManualHandlerForDuplicate() {
		ConformanceClient client = optIn();
		Answer first = client.post(this.key, "/manual");
		assertThat(first.status()).isEqualTo(201);
		assertThat(first.text()).isEqualTo("retry: false, stored: null");
		Answer second = client.post(this.key, "/manual");
		assertThat(second.status()).isEqualTo(200);
		assertThat(second.text()).isEqualTo("retry: true, stored: 201 retry: false, stored: null");
		assertThat(client.post(this.key, "/manual").text()).isEqualTo(second.text());
		assertThat(client.runs()).isEqualTo(3);
	}

	@Test
	@DisplayName("DJ-16: a manual handler needs a key")
	void requiresKeyForManualHandler() {
		optIn().post(null, "/manual").assertProblem(400, "key-missing");
	}

	@Test
	@DisplayName("DJ-17, DJ-18: a handler that is exempt and idempotent, or manual, stops the application at start")
	void refusesContradictoryAnnotations() {
		for (Class<?> handler : List.of(ExemptIdempotent.class, ExemptManual.class)) {
			assertThatThrownBy(() -> ConformanceApp.with("django", RecordStore.MEMORY, List.of(handler)))
				.hasStackTraceContaining(handler.getSimpleName() + "#contradict")
				.hasStackTraceContaining("both @Idempotent and @IdempotencyExempt");
		}
	}

	@Test
	@DisplayName("DJ-19: where the application derives the key, that alone says what is a duplicate")
	void derivesKeyByApplication() {
		ConformanceClient client = ConformanceApp
			.with("django", this.store, List.of(Annotated.class, ConstantKey.class))
			.client();
		Answer first = client.post(newKey(), "/things", "{\"amount\": 1}");
		client.post(newKey(), "/other-things", "{\"amount\": 2}").assertReplays(first, 409, MARK);
		client.post(null, "/things").assertReplays(first, 409, MARK);
	}

	@Test
	@DisplayName("DJ-20: a store that keeps nothing lets every request run")
	void usesStoreThatKeepsNothing() {
		ConformanceClient client = namedStores().client();
		assertThat(client.post(this.key, "/no-storage").status()).isEqualTo(201);
		assertThat(client.post(this.key, "/no-storage").status()).isEqualTo(201);
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("DJ-21: a status that is not to be stored runs again")
	void runsAgainAfterOtherStatus() {
		ConformanceClient client = otherStatuses();
		client.post(this.key, "/status/201");
		assertThat(client.post(this.key, "/status/201").status()).isEqualTo(201);
		assertThat(client.runs()).isEqualTo(2);
		Answer first = client.post(newKey(), "/status/207");
		assertThat(first.status()).isEqualTo(207);
	}

	@Test
	@DisplayName("DJ-22: a status that is to be stored is a duplicate")
	void storesConfiguredStatus() {
		ConformanceClient client = okWithoutLock();
		Answer first = client.post(this.key, "/status/201");
		client.post(this.key, "/status/201").assertReplays(first, 200, MARK);
		client.post(newKey(), "/status/202");
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("DJ-23: an error status that is to be stored is stored, which the original does not")
	void storesConfiguredError() {
		ConformanceClient client = otherStatuses();
		Answer first = client.post(this.key, "/status/400");
		assertThat(first.status()).isEqualTo(400);
		client.post(this.key, "/status/400").assertReplays(first, 409, MARK);
		assertThat(client.runs()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(ints = { 303, 400, 500 })
	@DisplayName("DJ-24: what is no success runs again")
	void runsAgainAfterError(int status) {
		ConformanceClient client = required();
		client.post(this.key, "/status/" + status);
		assertThat(client.post(this.key, "/status/" + status).status()).isEqualTo(status);
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("DJ-25: a handler that throws runs again")
	void runsAgainAfterException() {
		ConformanceClient client = required();
		assertThat(client.post(this.key, "/fail-once").status()).isEqualTo(500);
		assertThat(client.post(this.key, "/fail-once").status()).isEqualTo(200);
	}

	@Test
	@DisplayName("DJ-26: a request that cannot have the key within 0.1 s is answered 423; later requests proceed")
	void answersLocked() {
		ConformanceClient client = required();
		CompletableFuture<Answer> first = client.start(this.key, "/slow");
		client.awaitRun(1);
		client.post(this.key, "/slow").assertProblem(423, "wait-timeout");
		client.letGo();
		assertThat(first.join().status()).isEqualTo(201);
		client.post(this.key, "/slow").assertReplays(first.join(), 409, MARK);
	}

	@Test
	@DisplayName("DJ-27: without waiting, duplicates are found all the same")
	void findsDuplicatesWithoutWaiting() {
		ConformanceClient client = okWithoutLock();
		CompletableFuture<Answer> first = client.start(this.key, "/slow");
		client.awaitRun(1);
		client.post(this.key, "/slow").assertProblem(409, "in-progress");
		client.letGo();
		first.join();
		client.post(this.key, "/slow").assertReplays(first.join(), 200, MARK);
	}

	@Test
	@DisplayName("DJ-28: four concurrent requests with one key run the handler once")
	void runsOnceForConcurrentRequests() {
		ConformanceClient client = required();
		List<CompletableFuture<Answer>> requests = Stream.generate(() -> client.start(this.key, "/slow"))
			.limit(4)
			.toList();
		client.awaitRun(1);
		client.letGo();
		assertThat(requests.stream().map((request) -> request.join().status())).contains(201)
			.containsAnyOf(409, 423)
			.allMatch((status) -> List.of(201, 409, 423).contains(status));
		assertThat(client.runs()).isEqualTo(1);
	}

	@Test
	@DisplayName("DJ-29, DJ-30, DJ-31, DJ-32: another body, path, method or Authorization is a new operation")
	void separatesOperations() {
		ConformanceClient client = required();
		List<Answer> answers = List.of(client.post(this.key, "/things", "{\"amount\": 1}"),
				client.post(this.key, "/things", "{\"amount\": 2}"),
				client.post(this.key, "/other-things", "{\"amount\": 1}"),
				client.send("PUT", this.key, "/things", "{\"amount\": 1}"),
				client.post(this.key, "/things", "{\"amount\": 1}", "Authorization", "Bearer one"),
				client.post(this.key, "/things", "{\"amount\": 1}", "Authorization", "Bearer two"));
		assertThat(answers).allSatisfy((answer) -> assertThat(answer.status()).isEqualTo(201));
		assertThat(client.runs()).isEqualTo(6);
		client.post(this.key, "/things", "{\"amount\": 1}", "Authorization", "Bearer one")
			.assertReplays(answers.get(4), 409, MARK);
	}

	@Test
	@DisplayName("DJ-33: the query does not count, as in the original")
	void ignoresQuery() {
		ConformanceClient client = required();
		Answer first = client.post(this.key, "/things?page=1");
		client.post(this.key, "/things?page=2").assertReplays(first, 409, MARK);
	}

	@Test
	@DisplayName("DJ-34: an empty key counts as absent, which the original takes for a key")
	void refusesEmptyKey() {
		required().post("", "/things").assertProblem(400, "key-missing");
	}

	@Test
	@DisplayName("DJ-35, DJ-36: a handler's records are in the store that it names, else in the default one")
	void keepsRecordsInNamedStore() {
		ConformanceClient client = namedStores().client();
		Answer inNamedStore = client.post(this.key, "/five-minutes");
		Answer inDefaultStore = client.post(this.key, "/default-store");
		client.post(this.key, "/five-minutes").assertReplays(inNamedStore, 409, MARK);
		NamedStores.FIVE_MINUTES.advance(Duration.ofMinutes(6));
		assertThat(client.post(this.key, "/five-minutes").status()).isEqualTo(201);
		client.post(this.key, "/default-store").assertReplays(inDefaultStore, 409, MARK);
		assertThat(client.runs()).isEqualTo(3);
	}

	@Test
	@DisplayName("DJ-37: a store that does not exist stops the application at start")
	void refusesUnknownStore() {
		assertThatThrownBy(() -> ConformanceApp.with("django", RecordStore.MEMORY, List.of(UnknownStore.class)))
			.hasStackTraceContaining("UnknownStore#create")
			.hasStackTraceContaining("@Idempotent(store = \"unknownCache\")");
	}

	@Test
	@DisplayName("DJ-38: the header can be renamed; where it is not, another header is no key")
	void renamesHeader() {
		ConformanceClient client = otherStatuses();
		assertThat(client.post(this.key, "/status/207").status()).isEqualTo(207);
		client.post(null, "/status/207", "{}", "Idempotency-Key", this.key).assertProblem(400, "key-missing");
		required().post(null, "/things", "{}", "X-Other", this.key).assertProblem(400, "key-missing");
	}

	@Test
	@DisplayName("DJ-39: annotations on a method of a superclass are honoured")
	void inheritsAnnotations() {
		ConformanceClient client = optIn();
		client.post(null, "/inherited/opted-in").assertProblem(400, "key-missing");
		assertThat(required().post(null, "/inherited/exempt").status()).isEqualTo(200);
	}

	@Test
	@DisplayName("DJ-40: a method that the path does not support is 405, wherever keys are required")
	void leavesMethodNotAllowed() {
		for (ConformanceClient client : List.of(optIn(), required())) {
			assertThat(client.send("PUT", null, "/opted-in", "{}").status()).isEqualTo(405);
			assertThat(client.send("PUT", this.key, "/opted-in", "{}").status()).isEqualTo(405);
		}
	}

	@Test
	@DisplayName("DJ-41: an unknown path is 404, with a key or without")
	void leavesNotFound() {
		ConformanceClient client = required();
		assertThat(client.post(null, "/unknown").status()).isEqualTo(404);
		assertThat(client.post(this.key, "/unknown").status()).isEqualTo(404);
		assertThat(client.post(this.key, "/unknown").status()).isEqualTo(404);
	}

	@Test
	@DisplayName("DJ-43, DJ-45: a record expires, and replays do not make it last longer")
	void expiresInSpiteOfReplays() {
		ConformanceApp app = originalStatus();
		ConformanceClient client = app.client();
		Answer first = client.post(this.key, "/things");
		for (int i = 0; i < 3; i++) {
			app.advance(Duration.ofHours(7));
			client.post(this.key, "/things").assertReplays(first);
		}
		app.advance(Duration.ofHours(7));
		assertThat(client.post(this.key, "/things").isReplay()).isFalse();
		assertThat(client.runs()).isEqualTo(2);
	}

	@Test
	@DisplayName("DJ-48: a handler that is not manual is told that there is no earlier request")
	void tellsOtherHandlersOfNoRetry() {
		assertThat(required().post(this.key, "/context").text()).isEqualTo("retry: false, stored: null");
		assertThat(optIn().post(null, "/context").text()).isEqualTo("retry: false, stored: null");
	}

	/**
	 * Handlers with annotations.
	 */
	@RestController
	static class Annotated extends Inherited {

		private final Runs runs;

		Annotated(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/exempt")
		@IdempotencyExempt
		ResponseEntity<Map<String, Integer>> exempt(@RequestHeader(ConformanceController.CLIENT) String client) {
			return created(this.runs, client);
		}

		@PostMapping("/opted-in")
		@Idempotent
		ResponseEntity<Map<String, Integer>> optedIn(@RequestHeader(ConformanceController.CLIENT) String client) {
			return created(this.runs, client);
		}

		@PostMapping("/optional")
		@Idempotent(optional = true)
		ResponseEntity<Map<String, Integer>> optional(@RequestHeader(ConformanceController.CLIENT) String client) {
			return created(this.runs, client);
		}

		@PostMapping("/manual")
		@Idempotent(manual = true)
		ResponseEntity<String> manual(@RequestHeader(ConformanceController.CLIENT) String client,
				IdempotencyContext idempotency) {
			this.runs.next(client);
			HttpStatus status = idempotency.isRetry() ? HttpStatus.OK : HttpStatus.CREATED;
			return ResponseEntity.status(status).body(ConformanceController.describe(idempotency));
		}

		@Override
		@RequestMapping("/inherited/opted-in")
		String inheritedOptedIn() {
			return super.inheritedOptedIn();
		}

		@Override
		@RequestMapping("/inherited/exempt")
		String inheritedExempt() {
			return super.inheritedExempt();
		}

		static ResponseEntity<Map<String, Integer>> created(Runs runs, String client) {
			int run = runs.next(client);
			return ResponseEntity.created(URI.create("/things/" + run)).body(Map.of("run", run));
		}

	}

	static class Inherited {

		@Idempotent
		String inheritedOptedIn() {
			return "opted in";
		}

		@IdempotencyExempt
		String inheritedExempt() {
			return "exempt";
		}

	}

	@RestController
	static class ExemptIdempotent {

		@PostMapping("/contradict")
		@IdempotencyExempt
		@Idempotent
		void contradict() {
		}

	}

	@RestController
	static class ExemptManual {

		@PostMapping("/contradict")
		@Idempotent(manual = true)
		@IdempotencyExempt
		void contradict() {
		}

	}

	@RestController
	static class UnknownStore {

		@PostMapping("/create")
		@Idempotent(store = "unknownCache")
		void create() {
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class ConstantKey {

		@Bean
		IdempotencyKeyResolver constantKey() {
			return (request) -> "constant";
		}

		@Bean
		IdempotencyScopeResolver constantScope() {
			return (request) -> "constant";
		}

	}

	/**
	 * Handlers whose records are in stores with names.
	 */
	@RestController
	static class StoredByName {

		private final Runs runs;

		StoredByName(Runs runs) {
			this.runs = runs;
		}

		@PostMapping("/five-minutes")
		@Idempotent(store = "fiveMinuteCache", expiry = "5m")
		ResponseEntity<Map<String, Integer>> fiveMinutes(@RequestHeader(ConformanceController.CLIENT) String client) {
			return Annotated.created(this.runs, client);
		}

		@PostMapping("/default-store")
		@Idempotent(expiry = "5m")
		ResponseEntity<Map<String, Integer>> defaultStore(@RequestHeader(ConformanceController.CLIENT) String client) {
			return Annotated.created(this.runs, client);
		}

		@PostMapping("/no-storage")
		@Idempotent(store = "noStorage")
		ResponseEntity<Map<String, Integer>> noStorage(@RequestHeader(ConformanceController.CLIENT) String client) {
			return Annotated.created(this.runs, client);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NamedStores {

		static final SettableTime FIVE_MINUTES = new SettableTime();

		@Bean
		@Primary
		MemoryIdempotencyStore sevenDayCache() {
			return new MemoryIdempotencyStore(10_000);
		}

		@Bean
		MemoryIdempotencyStore fiveMinuteCache() {
			return new MemoryIdempotencyStore(10_000, FIVE_MINUTES);
		}

		@Bean
		IdempotencyStore noStorage() {
			return new ForgetfulStore();
		}

	}

	/**
	 * A store that never has a record.
	 */
	static final class ForgetfulStore implements IdempotencyStore {

		@Override
		public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
			return new Acquisition.Acquired(1);
		}

		@Override
		public boolean renew(Lease lease, LeaseTerms terms) {
			return true;
		}

		@Override
		public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
			return true;
		}

		@Override
		public boolean release(Lease lease) {
			return true;
		}

	}

}
