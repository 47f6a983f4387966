package io.idempotency.web;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.testing.RedisProcess;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.DeferredResult;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Prints how long waiting requests take to be answered. What it asserts is that they are.
 */
class ManyWaitingRequestsTests {

	private static final int KEYS = 20;

	private static final int WAITING_PER_KEY = Integer.getInteger("waiting.per-key", 50);

	private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	/**
	 * The accept queue holds all connections, which come at once: what overflows it is
	 * the kernel's to drop.
	 */
	private static final String[] TEN_THREADS = { "server.tomcat.threads.max=10", "server.tomcat.max-connections=20000",
			"server.tomcat.accept-count=" + (KEYS * WAITING_PER_KEY + 1000), "idempotency.wait-timeout=60s" };

	@ParameterizedTest
	@EnumSource
	@DisplayName("C2, C4: 1,000 requests wait on 20 keys at a server with 10 threads, which answers others meanwhile")
	void answersThousandWaitingRequests(StoreKind store) {
		try (TestApp app = TestApp.start(List.of(Payments.class), store, TEN_THREADS)) {
			answersThousandWaitingRequests(store + ", one instance", app, app);
		}
	}

	@ParameterizedTest
	@EnumSource(mode = Mode.EXCLUDE, names = "MEMORY")
	@DisplayName("C2, C4: the same with the first requests on another instance")
	void answersThousandWaitingRequestsOfAnotherInstance(StoreKind store) {
		String[] shared = store.properties();
		try (TestApp first = TestApp.start(List.of(Payments.class), with(shared, TEN_THREADS));
				TestApp second = TestApp.start(List.of(Payments.class), with(shared, TEN_THREADS))) {
			answersThousandWaitingRequests(store + ", two instances", first, second);
		}
	}

	private static String[] with(String[] properties, String... more) {
		List<String> all = new ArrayList<>(List.of(properties));
		all.addAll(List.of(more));
		return all.toArray(String[]::new);
	}

	private static void answersThousandWaitingRequests(String where, TestApp first, TestApp other) {
		List<String> keys = new ArrayList<>();
		List<CompletableFuture<HttpResponse<String>>> firsts = new ArrayList<>();
		Payments payments = first.bean(Payments.class);
		for (int i = 0; i < KEYS; i++) {
			keys.add(TestApp.newKey());
			firsts.add(pay(first, keys.get(i)));
		}
		await().until(() -> payments.pending.size() == KEYS);
		Map<String, Long> completed = new ConcurrentHashMap<>();
		List<Long> delays = Collections.synchronizedList(new ArrayList<>());
		List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
		for (int i = 0; i < KEYS * WAITING_PER_KEY; i++) {
			String key = keys.get(i % KEYS);
			waiting.add(pay(other, key).whenComplete((response, failure) -> {
				Long start = completed.get(key);
				delays.add((start != null) ? System.nanoTime() - start : -1);
			}));
		}
		await().atMost(Duration.ofSeconds(60)).until(() -> {
			assertThat(waiting.stream().filter(CompletableFuture::isDone).map(CompletableFuture::join)).isEmpty();
			return other.suspendedRequests() == KEYS * WAITING_PER_KEY;
		});
		List<Long> others = new ArrayList<>();
		for (int i = 0; i < 50; i++) {
			long start = System.nanoTime();
			assertThat(get(other)).isEqualTo("other");
			others.add(System.nanoTime() - start);
		}
		for (String key : keys) {
			completed.put(key, System.nanoTime());
			payments.complete(key);
			await().pollInterval(Duration.ofMillis(1))
				.until(() -> waiting.stream().filter(CompletableFuture::isDone).count() >= (long) completed.size()
						* WAITING_PER_KEY);
		}
		for (int i = 0; i < waiting.size(); i++) {
			assertThat(waiting.get(i).join().body()).isEqualTo(firsts.get(i % KEYS).join().body());
			assertThat(waiting.get(i).join().headers().firstValue("Idempotent-Replayed")).hasValue("true");
		}
		assertThat(keys).allSatisfy((key) -> assertThat(first.bean(Runs.class).count(key)).isEqualTo(1));
		System.out.printf(
				"%s: %d requests waited on %d keys; replay after completion median %d ms, slowest %d ms; another endpoint meanwhile median %d ms%n",
				where, waiting.size(), KEYS, median(delays), Collections.max(delays) / 1_000_000, median(others));
	}

	@Test
	@DisplayName("C2: when Redis restarts, empty, while requests wait, each of them ends")
	void endsWaitingRequestsWhenRedisRestarts() {
		int port = RedisProcess.freePort();
		RedisProcess redis = RedisProcess.startLocal(port);
		try (TestApp app = TestApp.start(List.of(Payments.class), with(redis.properties(),
				"idempotency.wait-timeout=20s", "idempotency.lease-duration=3s", "idempotency.redis.timeout=500ms"))) {
			String key = TestApp.newKey();
			CompletableFuture<HttpResponse<String>> first = pay(app, key);
			Payments payments = app.bean(Payments.class);
			await().until(() -> payments.pending.containsKey(key));
			List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
			for (int i = 0; i < 20; i++) {
				waiting.add(pay(app, key));
			}
			await().until(() -> app.suspendedRequests() == 20);
			redis.close();
			try (RedisProcess restarted = RedisProcess.startLocal(port)) {
				assertThat(restarted.port()).isEqualTo(port);
				payments.complete(key);
				assertThat(first.join().statusCode()).isEqualTo(200);
				await().atMost(Duration.ofSeconds(60)).until(() -> {
					payments.completeAll();
					return waiting.stream().allMatch(CompletableFuture::isDone);
				});
				assertThat(waiting)
					.allSatisfy((response) -> assertThat(response.join().statusCode()).isIn(200, 409, 503));
			}
		}
	}

	private static CompletableFuture<HttpResponse<String>> pay(TestApp app, String key) {
		return CLIENT.sendAsync(HttpRequest.newBuilder(app.uri("/payments"))
			.header("Idempotency-Key", key)
			.POST(BodyPublishers.ofString("10"))
			.build(), BodyHandlers.ofString());
	}

	private static String get(TestApp app) {
		return TestApp.text(app.send(HttpRequest.newBuilder(app.uri("/other")).build()));
	}

	private static long median(List<Long> nanos) {
		return nanos.stream().sorted().toList().get(nanos.size() / 2) / 1_000_000;
	}

	@RestController
	@Import(Runs.class)
	static class Payments {

		private final Runs runs;

		private final Map<String, DeferredResult<String>> pending = new ConcurrentHashMap<>();

		Payments(Runs runs) {
			this.runs = runs;
		}

		void complete(String key) {
			DeferredResult<String> result = this.pending.remove(key);
			if (result != null) {
				result.setResult(key);
			}
		}

		void completeAll() {
			this.pending.keySet().forEach(this::complete);
		}

		@PostMapping("/payments")
		DeferredResult<String> pay(@RequestHeader("Idempotency-Key") String key) {
			this.runs.next(key);
			DeferredResult<String> result = new DeferredResult<>(60_000L);
			this.pending.put(key, result);
			return result;
		}

		@GetMapping("/other")
		String other() {
			return "other";
		}

	}

}
