package io.idempotency.actuate;

import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import io.idempotency.Idempotent;
import io.idempotency.actuate.ManagedPayments.FailingStore;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.RecordKey;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.idempotency.web.IdempotencyScopeResolver;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Tag("compatibility")
class EndpointTests {

	private static final String REPLAYED = "Idempotent-Replayed";

	private final TestApp app = app("idempotency.max-response-size=1000B");

	private static TestApp app(String... properties) {
		return app(List.of(ManagedPayments.class), properties);
	}

	private static TestApp app(List<Class<?>> configuration, String... properties) {
		return TestApp.shared(configuration, StoreKind.MEMORY,
				Stream
					.concat(Stream.of("test.actuator=true",
							"management.endpoints.web.exposure.include=idempotency,health"), Stream.of(properties))
					.toArray(String[]::new));
	}

	@Test
	@DisplayName("The report has the settings in force by the names that people write")
	void reportsSettings() {
		JsonNode settings = json(send(this.app, "GET", "")).path("settings");
		assertThat(settings.path("idempotency.mode").asString()).isEqualTo("optional");
		assertThat(settings.path("idempotency.methods").toString()).isEqualTo("[\"PATCH\",\"POST\"]");
		assertThat(settings.path("idempotency.key-header").asString()).isEqualTo("Idempotency-Key");
		assertThat(settings.path("idempotency.expiry").asString()).isEqualTo("PT24H");
		assertThat(settings.path("idempotency.scope").toString()).isEqualTo("[\"method\",\"path\",\"principal\"]");
		assertThat(settings.path("idempotency.store-on-statuses").toString()).isEqualTo("[\"200-299\",\"300-399\"]");
		assertThat(settings.path("idempotency.max-response-size").asString()).isEqualTo("1000B");
		assertThat(settings.path("idempotency.conflict-status").asInt()).isEqualTo(409);
		assertThat(settings.has("idempotency.key-parameter")).isFalse();
	}

	@Test
	@DisplayName("M1, M4, M5, M8: the report says of each handler how it is protected")
	void reportsHandlers() {
		JsonNode report = json(send(this.app, "GET", ""));
		assertThat(report.path("stores").toString())
			.isEqualTo("{\"mainStore\":{\"type\":\"io.idempotency.memory.MemoryIdempotencyStore\",\"isDefault\":true},"
					+ "\"otherStore\":{\"type\":\"io.idempotency.memory.MemoryIdempotencyStore\",\"isDefault\":false}}");
		String handler = "\"handler\":\"" + ManagedPayments.class.getName() + "#";
		assertThat(report.path("handlers")).map(JsonNode::toString)
			.contains("{\"patterns\":[\"/exempt\"],\"methods\":[\"POST\"]," + handler + "exempt\",\"key\":\"exempt\"}",
					"{\"patterns\":[\"/read\"],\"methods\":[\"GET\"]," + handler + "read\",\"key\":\"unprotected\"}",
					"{\"patterns\":[\"/mixed\"],\"methods\":[\"GET\"]," + handler + "mixed\",\"key\":\"unprotected\"}",
					"{\"patterns\":[\"/mixed\"],\"methods\":[\"POST\"]," + handler
							+ "mixed\",\"key\":\"optional\",\"manual\":false,\"streaming\":false,\"expiry\":\"PT24H\","
							+ "\"store\":\"mainStore\",\"transactional\":false}",
					"{\"patterns\":[\"/manual\"],\"methods\":[\"POST\"]," + handler
							+ "manual\",\"key\":\"required\",\"manual\":true,\"streaming\":false,\"expiry\":\"PT5M\","
							+ "\"store\":\"mainStore\",\"transactional\":false}",
					"{\"patterns\":[\"/other\"],\"methods\":[\"POST\"]," + handler
							+ "other\",\"key\":\"required\",\"manual\":false,\"streaming\":false,\"expiry\":\"PT24H\","
							+ "\"store\":\"otherStore\",\"transactional\":false}")
			.allMatch((text) -> text.contains(handler));
	}

	@Test
	@DisplayName("V1: the report has the methods that are protected, and a record is found by operation and key")
	void showsMethods() {
		TestApp app = app(List.of(ManagedPayments.class, ManagedPayouts.class));
		JsonNode operation = json(send(app, "GET", "")).path("operations").path(0);
		assertThat(operation.path("operation").asString()).isEqualTo("payouts.pay");
		assertThat(operation.path("method").asString()).isEqualTo(ManagedPayouts.class.getName() + "#pay");
		assertThat(operation.path("keyExpression").asString()).isEqualTo("#key");
		assertThat(operation.path("store").asString()).isEqualTo("mainStore");
		String key = TestApp.newKey();
		app.bean(ManagedPayouts.class).pay(key);
		JsonNode record = json(send(app, "GET", "/" + key + "?operation=payouts.pay"));
		assertThat(record.path("state").asString()).isEqualTo("completed");
		assertThat(record.path("result").path("type").asString()).isEqualTo("java.lang.String");
		assertThat(record.path("result").path("thrown").asBoolean()).isFalse();
		assertThat(record.path("result").path("size").asInt()).isEqualTo(6);
		assertThat(record.toString()).doesNotContain("paid").doesNotContain(key);
	}

	@Test
	@DisplayName("E3: a completed record is shown without the values of headers and the body")
	void showsCompletedRecordWithoutContents() {
		String key = TestApp.newKey();
		this.app.post("/payments/1", key, "{}");
		HttpResponse<byte[]> found = send(this.app, "GET", "/" + key + "?method=POST&path=/payments/1");
		assertThat(found.statusCode()).isEqualTo(200);
		JsonNode record = json(found);
		assertThat(record.path("recordKey").asString()).matches("[0-9a-f]{64}");
		assertThat(record.path("store").asString()).isEqualTo("mainStore");
		assertThat(record.path("state").asString()).isEqualTo("completed");
		assertThat(record.path("response").path("status").asInt()).isEqualTo(201);
		assertThat(record.path("response").path("headers")).map(JsonNode::asString).contains("X-Card", "Content-Type");
		assertThat(record.path("response").path("bodySize").asInt())
			.isEqualTo("paid by Zoë, run 1".getBytes(StandardCharsets.UTF_8).length);
		assertThat(TestApp.text(found)).doesNotContain("paid").doesNotContain("4111").doesNotContain(key);
		assertThat(withoutAge(json(send(this.app, "GET", "/" + record.path("recordKey").asString()))))
			.isEqualTo(withoutAge(record));
	}

	@Test
	@DisplayName("With show-responses=true the values of headers and the body are shown")
	void showsContentsWhereAllowed() {
		TestApp open = app("management.endpoint.idempotency.show-responses=true");
		String key = TestApp.newKey();
		open.post("/payments/1", key, "{}");
		open.post("/binary", key, "{}");
		JsonNode response = json(send(open, "GET", "/" + key + "?method=POST&path=/payments/1")).path("response");
		assertThat(response.path("headers")).map(JsonNode::asString).contains("X-Card: 4111111111111111");
		assertThat(response.path("body").asString()).isEqualTo("paid by Zoë, run 1");
		assertThat(json(send(open, "GET", "/" + key + "?method=POST&path=/binary")).path("response")
			.path("body")
			.asString()).isEqualTo("/wA=");
	}

	@Test
	@DisplayName("F1: a record is found by what its scope has: method, path, principal, and the query where it belongs")
	void findsRecordByItsScope() {
		String key = TestApp.newKey();
		this.app.post("/payments/1?x=1", key, "{}", "X-User", "zoe & co");
		String lookup = "/" + key + "?method=POST&path=/payments/1";
		assertThat(send(this.app, "GET", lookup).statusCode()).isEqualTo(404);
		assertThat(send(this.app, "GET", lookup + "&principal=" + encode("zoe & co")).statusCode()).isEqualTo(200);
		TestApp byQuery = app("idempotency.scope=query,path", "idempotency.key-parameter=k",
				"idempotency.enforce-uuid=true");
		byQuery.post("/payments/1?x=1&k=" + key.toUpperCase(Locale.ROOT), null, "{}", "Idempotency-Key", "");
		assertThat(send(byQuery, "GET", "/" + key + "?path=/payments/1&query=" + encode("x=1")).statusCode())
			.isEqualTo(200);
		assertThat(send(byQuery, "GET", "/" + key + "?path=/payments/1&query=" + encode("k=y&x=1")).statusCode())
			.isEqualTo(200);
		assertThat(send(byQuery, "GET", "/" + key + "?path=/payments/1").statusCode()).isEqualTo(404);
	}

	@Test
	@DisplayName("A key with slashes, and one that looks like a record key, are found by what is said of the request")
	void findsUnusualKeys() {
		for (String key : List.of("a/b+c==", "0".repeat(64))) {
			this.app.post("/payments/1", key, "{}");
			assertThat(
					send(this.app, "GET", "/" + key.replace("=", "%3D") + "?method=POST&path=/payments/1").statusCode())
				.isEqualTo(200);
		}
		assertThat(send(this.app, "GET", "/" + "0".repeat(64)).statusCode()).isEqualTo(404);
	}

	@Test
	@DisplayName("A record is shown with its age, the end of its lease, and when it expires")
	void showsTimes() {
		CountDownLatch end = this.app.bean(ManagedPayments.class).holdSlowHandler();
		String key = TestApp.newKey();
		String lookup = "/" + key + "?method=POST&path=/slow";
		CompletableFuture<HttpResponse<byte[]>> first = CompletableFuture
			.supplyAsync(() -> this.app.post("/slow", key, "{}"));
		await().until(() -> state(this.app, lookup).equals("in-progress"));
		JsonNode running = json(send(this.app, "GET", lookup));
		Instant acquired = Instant.now().minus(Duration.parse(running.path("age").asString()));
		Instant leaseEnd = Instant.parse(running.path("leaseEnd").asString());
		assertThat(leaseEnd).isAfter(acquired).isBefore(Instant.now().plus(Duration.ofDays(1)));
		end.countDown();
		first.join();
		JsonNode completed = json(send(this.app, "GET", lookup));
		assertThat(completed.has("leaseEnd")).isFalse();
		assertThat(Instant.parse(completed.path("expiresAt").asString())).isAfter(leaseEnd);
		assertThat(Duration.parse(completed.path("age").asString()))
			.isGreaterThanOrEqualTo(Duration.parse(running.path("age").asString()));
	}

	@Test
	@DisplayName("A record is shown in progress, abandoned, completed without a response, and unreadable")
	void showsEachState() {
		CountDownLatch end = this.app.bean(ManagedPayments.class).holdSlowHandler();
		String key = TestApp.newKey();
		CompletableFuture<HttpResponse<byte[]>> first = CompletableFuture
			.supplyAsync(() -> this.app.post("/slow", key, "{}"));
		await().until(() -> state(this.app, "/" + key + "?method=POST&path=/slow").equals("in-progress"));
		end.countDown();
		first.join();
		assertThat(state(this.app, "/" + key + "?method=POST&path=/slow")).isEqualTo("completed");
		this.app.post("/long", key, "{}");
		assertThat(state(this.app, "/" + key + "?method=POST&path=/long")).isEqualTo("completed-without-response");
		RecordKey abandoned = new RecordKey("ab".repeat(32));
		this.app.bean(IdempotencyStore.class)
			.acquire(Lease.of(abandoned), new Fingerprint("00".repeat(32)),
					new LeaseTerms(Duration.ofMillis(1), Expiry.after(Duration.ofHours(1))));
		await().until(() -> state(this.app, "/" + abandoned.hex()).equals("abandoned"));
		TestApp failing = app(List.of(ManagedPayments.class, Failing.class));
		failing.bean(FailingStore.class).fail(new UnreadableRecordException("Written by a later version"));
		assertThat(state(failing, "/" + abandoned.hex() + "?store=failingStore")).isEqualTo("unreadable");
	}

	@Test
	@DisplayName("A record of another store is found by the store's name")
	void findsRecordInNamedStore() {
		String key = TestApp.newKey();
		this.app.post("/other", key, "{}");
		String lookup = "/" + key + "?method=POST&path=/other";
		assertThat(send(this.app, "GET", lookup).statusCode()).isEqualTo(404);
		assertThat(json(send(this.app, "GET", lookup + "&store=otherStore")).path("store").asString())
			.isEqualTo("otherStore");
	}

	@Test
	@DisplayName("What cannot be looked up is refused with a reason")
	void refusesWithReason() {
		assertThat(message(this.app, "/some-key?path=/payments", 400)).contains("method").contains("record key");
		assertThat(message(this.app, "/some-key?method=POST", 400)).contains("path");
		assertThat(message(this.app, "/" + "ab".repeat(32) + "?store=nowhere", 400))
			.contains("[mainStore, otherStore]");
		assertThat(message(this.app, "/some-key?method=POST&path=/nowhere", 404)).contains("no record")
			.contains("mainStore");
		assertThat(message(app("idempotency.scope=authorization"), "/some-key", 400)).contains("Authorization");
		assertThat(message(app("idempotency.scope=body"), "/some-key", 400)).contains("body");
		assertThat(message(app("idempotency.scope-headers=X-Tenant"), "/some-key?method=POST&path=/x", 400))
			.contains("idempotency.scope-headers");
		assertThat(message(app(List.of(ManagedPayments.class, OwnScope.class)), "/some-key", 400))
			.contains("IdempotencyScopeResolver");
		TestApp failing = app(List.of(ManagedPayments.class, Failing.class));
		FailingStore store = failing.bean(FailingStore.class);
		store.fail(new IllegalStateException("The store is away"));
		assertThat(message(failing, "/" + "ab".repeat(32) + "?store=failingStore", 503)).contains("The store is away");
		store.fail(new UnsupportedOperationException("FailingStore does not show its records"));
		assertThat(message(failing, "/" + "ab".repeat(32) + "?store=failingStore", 400)).contains("does not show");
	}

	@Test
	@DisplayName("Removal is off by default")
	void removesNothingByDefault() {
		String key = TestApp.newKey();
		this.app.post("/payments/1", key, "{}");
		assertThat(send(this.app, "DELETE", "/" + key + "?method=POST&path=/payments/1").statusCode()).isEqualTo(405);
		assertThat(this.app.post("/payments/1", key, "{}").headers().firstValue(REPLAYED)).hasValue("true");
	}

	@Test
	@DisplayName("Where it is allowed, a removal says what it removed, and the next request runs")
	void removesRecordWhereAllowed() {
		TestApp open = app(List.of(ManagedPayments.class, Failing.class),
				"management.endpoint.idempotency.access=unrestricted");
		String key = TestApp.newKey();
		open.post("/payments/1", key, "{}");
		String lookup = "/" + key + "?method=POST&path=/payments/1";
		JsonNode before = json(send(open, "GET", lookup));
		HttpResponse<byte[]> removed = send(open, "DELETE", lookup);
		assertThat(removed.statusCode()).isEqualTo(200);
		assertThat(withoutAge(json(removed))).isEqualTo(withoutAge(before));
		assertThat(send(open, "DELETE", lookup).statusCode()).isEqualTo(404);
		assertThat(open.post("/payments/1", key, "{}").headers().firstValue(REPLAYED)).isEmpty();
		assertThat(open.bean(Runs.class).count(key)).isEqualTo(2);
		open.bean(FailingStore.class).fail(new UnreadableRecordException("Written by a later version"));
		assertThat(json(send(open, "DELETE", "/" + "ab".repeat(32) + "?store=failingStore")).path("state").asString())
			.isEqualTo("unreadable");
	}

	@Test
	@DisplayName("The endpoint is not exposed unless asked for")
	void isNotExposedByDefault() {
		TestApp closed = TestApp.shared(List.of(ManagedPayments.class), StoreKind.MEMORY, "test.actuator=true");
		assertThat(send(closed, "GET", "").statusCode()).isEqualTo(404);
		assertThat(closed.context().getBeanNamesForType(IdempotencyEndpoint.class)).isEmpty();
	}

	private static String encode(String value) {
		return URLEncoder.encode(value, StandardCharsets.UTF_8);
	}

	private static String state(TestApp app, String lookup) {
		return json(send(app, "GET", lookup)).path("state").asString("");
	}

	private static String message(TestApp app, String lookup, int status) {
		HttpResponse<byte[]> answer = send(app, "GET", lookup);
		assertThat(answer.statusCode()).as(lookup).isEqualTo(status);
		return json(answer).path("message").asString();
	}

	private static HttpResponse<byte[]> send(TestApp app, String method, String lookup) {
		return app.send(app.request(method, "/actuator/idempotency" + lookup, null, new byte[0]).build());
	}

	private static JsonNode json(HttpResponse<byte[]> response) {
		return JsonMapper.shared().readTree(response.body());
	}

	private static JsonNode withoutAge(JsonNode record) {
		((ObjectNode) record).remove("age");
		return record;
	}

	static class ManagedPayouts {

		@Idempotent(key = "#key", operation = "payouts.pay")
		String pay(String key) {
			return "paid";
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Failing {

		@Bean
		FailingStore failingStore() {
			return new FailingStore();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnScope {

		@Bean
		IdempotencyScopeResolver ownScope() {
			return (request) -> "one";
		}

	}

}
