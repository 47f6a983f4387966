package io.idempotency.metrics;

import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;

import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.metrics.ObservedPayments.Events;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.awaitility.Awaitility.await;

/**
 * What Prometheus sees.
 */
@Tag("compatibility")
class MetricsTests {

	private final TestApp app = app("idempotency.max-response-size=1000B", "idempotency.purge-interval=50ms");

	private static TestApp app(String... properties) {
		String[] all = Arrays.copyOf(properties, properties.length + 3);
		all[properties.length] = "test.actuator=true";
		all[properties.length + 1] = "management.endpoints.web.exposure.include=*";
		all[properties.length + 2] = "management.tracing.sampling.probability=1.0";
		return TestApp.shared(List.of(ObservedPayments.class), io.idempotency.testing.StoreKind.MEMORY, all);
	}

	@Test
	@DisplayName("Every outcome has a series before it ever comes")
	void showsEveryOutcomeFromTheStart() {
		assertThat(scrape(this.app)).containsKeys(Arrays.stream(RequestOutcome.values())
			.map((outcome) -> requests(Names.of(outcome)))
			.toArray(String[]::new));
		assertThat(scrape(this.app)).containsEntry(requests("outcome-unknown"), 0.0)
			.containsEntry("idempotency_store_unacknowledged_total", 0.0)
			.containsKeys("idempotency_leases", "idempotency_waiting", "idempotency_purged_total",
					"idempotency_wait_seconds_count");
	}

	@Test
	@DisplayName("Each request is counted once, by what became of it")
	void countsRequestsByOutcome() {
		Map<String, Double> before = scrape(this.app);
		String key = TestApp.newKey();
		String path = "/customers/alice-4711/payments";
		assertThat(this.app.post(path, key, "{}").statusCode()).isEqualTo(201);
		assertThat(this.app.post(path, key, "{}").statusCode()).isEqualTo(201);
		assertThat(this.app.post(path, key, "{}").statusCode()).isEqualTo(201);
		assertThat(this.app.post(path, key, "{\"other\":1}").statusCode()).isEqualTo(422);
		assertThat(this.app.post(path, null, "{}").statusCode()).isEqualTo(201);
		assertThat(this.app.post(path, "x".repeat(256), "{}").statusCode()).isEqualTo(422);
		assertThat(this.app.post("/required", null, "{}").statusCode()).isEqualTo(400);
		assertThat(this.app.post("/declined", TestApp.newKey(), "{}").statusCode()).isEqualTo(402);
		assertThat(this.app.post("/broken", TestApp.newKey(), "{}").statusCode()).isEqualTo(503);
		String longKey = TestApp.newKey();
		assertThat(this.app.post("/long", longKey, "{}").statusCode()).isEqualTo(200);
		assertThat(this.app.post("/long", longKey, "{}").statusCode()).isEqualTo(409);
		Map<String, Double> after = scrape(this.app);
		Map<String, Double> counted = new HashMap<>();
		after.forEach((series, value) -> {
			double more = value - before.getOrDefault(series, 0.0);
			if (series.startsWith("idempotency_requests_total") && more > 0) {
				counted.put(series, more);
			}
		});
		assertThat(counted).containsOnly(Map.entry(requests("first"), 1.0), Map.entry(requests("replay"), 2.0),
				Map.entry(requests("key-reused"), 1.0), Map.entry(requests("unprotected"), 1.0),
				Map.entry(requests("key-invalid"), 1.0), Map.entry(requests("key-missing"), 1.0),
				Map.entry(requests("not-stored"), 2.0), Map.entry(requests("store-unavailable"), 1.0),
				Map.entry(requests("response-not-stored"), 1.0));
	}

	@Test
	@DisplayName("A store's calls are timed by store, operation and error")
	void timesStoreCalls() {
		Map<String, Double> before = scrape(this.app);
		String key = TestApp.newKey();
		this.app.post("/required", key, "{}");
		this.app.post("/required", key, "{}");
		this.app.post("/declined", TestApp.newKey(), "{}");
		this.app.post("/broken", TestApp.newKey(), "{}");
		Map<String, Double> after = scrape(this.app);
		assertThat(more(before, after, calls("none", "acquire", "memory"))).isEqualTo(3);
		assertThat(more(before, after, calls("none", "complete", "memory"))).isEqualTo(1);
		assertThat(more(before, after, calls("none", "release", "memory"))).isEqualTo(1);
		assertThat(more(before, after, calls("IllegalStateException", "acquire", "BrokenStore"))).isEqualTo(1);
	}

	@Test
	@DisplayName("E3: no tag has anything that a client sent")
	void hasNothingOfClientsInTags() {
		String key = TestApp.newKey();
		this.app.post("/customers/alice-4711/payments", key, "{}", "Authorization", "Bearer secret-token");
		this.app.post("/customers/alice-4711/payments", key, "{}");
		String recordKey = String.valueOf(this.app.bean(Events.class).all().get(0).recordKey());
		assertThat(scrape(this.app).keySet()).filteredOn((series) -> series.startsWith("idempotency"))
			.isNotEmpty()
			.noneMatch((series) -> series.contains(key) || series.contains("alice") || series.contains("secret")
					|| series.contains(recordKey));
		assertThat(scrape(this.app).keySet()).filteredOn((series) -> series.startsWith("idempotency"))
			.allMatch((series) -> series
				.matches("[a-z_]+(\\{((outcome|entry|error|operation|store)=\"[A-Za-z-]+\",?)+})?"));
	}

	@Test
	@DisplayName("The requests that run and those that wait are gauges, and waits are timed")
	void gaugesLeasesAndWaitingRequests() {
		TestApp waiting = app("idempotency.wait-timeout=30s");
		CountDownLatch end = waiting.bean(ObservedPayments.class).holdSlowHandler();
		String key = TestApp.newKey();
		Map<String, Double> before = scrape(waiting);
		CompletableFuture<HttpResponse<byte[]>> first = CompletableFuture
			.supplyAsync(() -> waiting.post("/slow", key, "{}"));
		await().untilAsserted(() -> assertThat(scrape(waiting)).containsEntry("idempotency_leases", 1.0));
		CompletableFuture<HttpResponse<byte[]>> second = CompletableFuture
			.supplyAsync(() -> waiting.post("/slow", key, "{}"));
		await().untilAsserted(() -> assertThat(scrape(waiting)).containsEntry("idempotency_waiting", 1.0));
		end.countDown();
		assertThat(first.join().statusCode()).isEqualTo(200);
		assertThat(second.join().headers().firstValue("Idempotent-Replayed")).hasValue("true");
		Map<String, Double> after = scrape(waiting);
		assertThat(after).containsEntry("idempotency_leases", 0.0).containsEntry("idempotency_waiting", 0.0);
		assertThat(more(before, after, "idempotency_wait_seconds_count")).isEqualTo(1);
		assertThat(more(before, after, "idempotency_wait_seconds_sum")).isPositive();
	}

	@Test
	@DisplayName("C1: a refused concurrent request is counted")
	void countsConcurrentRequests() {
		CountDownLatch end = this.app.bean(ObservedPayments.class).holdSlowHandler();
		String key = TestApp.newKey();
		double before = scrape(this.app).getOrDefault(requests("in-progress"), 0.0);
		CompletableFuture<HttpResponse<byte[]>> first = CompletableFuture
			.supplyAsync(() -> this.app.post("/slow", key, "{}"));
		await().untilAsserted(() -> assertThat(scrape(this.app)).containsEntry("idempotency_leases", 1.0));
		assertThat(this.app.post("/slow", key, "{}").statusCode()).isEqualTo(409);
		end.countDown();
		assertThat(first.join().statusCode()).isEqualTo(200);
		assertThat(scrape(this.app).get(requests("in-progress"))).isEqualTo(before + 1, offset(0.0));
	}

	@Test
	@DisplayName("O1: purging says how many records it removed")
	void countsPurgedRecords() {
		double before = scrape(this.app).getOrDefault("idempotency_purged_total", 0.0);
		this.app.post("/short-lived", TestApp.newKey(), "{}");
		this.app.post("/short-lived", TestApp.newKey(), "{}");
		await().untilAsserted(() -> assertThat(scrape(this.app)).containsEntry("idempotency_purged_total", before + 2));
	}

	@Test
	@DisplayName("The application's listeners learn the same, whatever one of them throws")
	void tellsApplicationsListeners() {
		Events events = this.app.bean(Events.class);
		int before = events.all().size();
		String key = TestApp.newKey();
		this.app.post("/required", key, "{}");
		this.app.post("/required", key, "{}");
		this.app.post("/required", null, "{}");
		List<IdempotencyEvent> told = events.all().subList(before, events.all().size());
		assertThat(told).extracting(IdempotencyEvent::outcome)
			.containsExactly(RequestOutcome.FIRST, RequestOutcome.REPLAY, RequestOutcome.KEY_MISSING);
		assertThat(told.get(0).recordKey()).isNotNull().isEqualTo(told.get(1).recordKey());
		assertThat(told.get(2).recordKey()).isNull();
	}

	private static double more(Map<String, Double> before, Map<String, Double> after, String series) {
		return after.getOrDefault(series, 0.0) - before.getOrDefault(series, 0.0);
	}

	private static String requests(String outcome) {
		return "idempotency_requests_total{entry=\"http\",outcome=\"" + outcome + "\"}";
	}

	private static String calls(String error, String operation, String store) {
		return "idempotency_store_seconds_count{error=\"%s\",operation=\"%s\",store=\"%s\"}".formatted(error, operation,
				store);
	}

	/**
	 * Returns the series of a scrape with their values.
	 */
	private static Map<String, Double> scrape(TestApp app) {
		HttpResponse<byte[]> scrape = app.send(app.request("GET", "/actuator/prometheus", null, new byte[0]).build());
		assertThat(scrape.statusCode()).isEqualTo(200);
		return TestApp.text(scrape)
			.lines()
			.filter((line) -> !line.startsWith("#"))
			.collect(Collectors.toMap((line) -> line.substring(0, line.lastIndexOf(' ')),
					(line) -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1))));
	}

}
