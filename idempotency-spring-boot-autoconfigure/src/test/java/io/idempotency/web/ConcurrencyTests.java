package io.idempotency.web;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many requests with one key at once: on one instance, and on two where the store can be
 * shared.
 */
@ParameterizedClass
@EnumSource
class ConcurrencyTests {

	private static final int CLIENTS = 64;

	private static final Runs RUNS = new Runs();

	private static final Map<StoreKind, List<TestApp>> INSTANCES = new EnumMap<>(StoreKind.class);

	private final List<TestApp> instances;

	ConcurrencyTests(StoreKind store) {
		this.instances = INSTANCES.computeIfAbsent(store, ConcurrencyTests::start);
	}

	private static List<TestApp> start(StoreKind store) {
		String[] properties = store.properties();
		int count = (store != StoreKind.MEMORY) ? 2 : 1;
		return Stream.generate(() -> TestApp.start(List.of(Orders.class), properties)).limit(count).toList();
	}

	@AfterAll
	static void close() {
		INSTANCES.values().forEach((instances) -> instances.forEach(TestApp::close));
		INSTANCES.clear();
	}

	// C1
	@Test
	void runsOnceHoweverManyRequestsComeAtOnce() throws Exception {
		ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
		try {
			for (int round = 0; round < 200; round++) {
				String key = TestApp.newKey();
				List<HttpResponse<byte[]>> answers = sendByAll(clients, key);
				assertThat(RUNS.count(key)).isEqualTo(1);
				assertThat(answers).allSatisfy((answer) -> assertIsResponseOrConflict(answer, key));
				assertThat(answers).filteredOn(ConcurrencyTests::isFirst).hasSize(1);
				assertThat(this.instances).allSatisfy((instance) -> {
					HttpResponse<byte[]> retry = instance.post("/orders", key, "{}");
					assertThat(TestApp.text(retry)).isEqualTo("1 " + key);
					assertThat(retry.headers().firstValue("Idempotent-Replayed")).hasValue("true");
				});
			}
		}
		finally {
			clients.shutdownNow();
		}
	}

	private List<HttpResponse<byte[]>> sendByAll(ExecutorService clients, String key) throws Exception {
		CyclicBarrier start = new CyclicBarrier(CLIENTS);
		List<Callable<HttpResponse<byte[]>>> requests = new ArrayList<>();
		for (int i = 0; i < CLIENTS; i++) {
			TestApp instance = this.instances.get(i % this.instances.size());
			requests.add(() -> {
				start.await();
				return instance.post("/orders", key, "{}");
			});
		}
		List<HttpResponse<byte[]>> answers = new ArrayList<>();
		for (Future<HttpResponse<byte[]>> answer : clients.invokeAll(requests)) {
			answers.add(answer.get());
		}
		return answers;
	}

	private static boolean isFirst(HttpResponse<byte[]> answer) {
		return answer.statusCode() == 201 && answer.headers().firstValue("Idempotent-Replayed").isEmpty();
	}

	private static void assertIsResponseOrConflict(HttpResponse<byte[]> answer, String key) {
		if (answer.statusCode() == 409) {
			assertThat(TestApp.text(answer)).contains("urn:idempotency:problem:in-progress");
			assertThat(answer.headers().firstValue("Retry-After")).isPresent();
		}
		else {
			assertThat(answer.statusCode()).isEqualTo(201);
			assertThat(TestApp.text(answer)).isEqualTo("1 " + key);
		}
	}

	@RestController
	static class Orders {

		@PostMapping("/orders")
		ResponseEntity<String> order(@RequestHeader("Idempotency-Key") String key) {
			int run = RUNS.next(key);
			LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
			return ResponseEntity.status(201).body(run + " " + key);
		}

	}

}
