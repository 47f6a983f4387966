package io.idempotency.method;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import io.idempotency.Idempotent;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.testing.Runs;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import io.idempotency.testing.Worker;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * C1, V1: many threads of two applications, one Redis.
 */
class MethodRaceIntegrationTests {

	private static final int THREADS = 64;

	private static final int KEYS = 200;

	private static final Runs RUNS = new Runs();

	@Test
	@DisplayName("C1, V1: 64 threads of two applications with 200 keys, by template and by annotation: one run for each")
	void runsOnceForEachKey() throws Exception {
		String[] redis = StoreKind.REDIS.properties();
		try (Worker one = Worker.start(List.of(Payments.class), redis);
				Worker other = Worker.start(List.of(Payments.class), redis)) {
			List<String> keys = new ArrayList<>();
			for (int i = 0; i < KEYS; i++) {
				keys.add(TestApp.newKey());
			}
			Set<String> answers = ConcurrentHashMap.newKeySet();
			CyclicBarrier start = new CyclicBarrier(THREADS);
			ExecutorService threads = Executors.newFixedThreadPool(THREADS);
			try {
				List<Future<?>> ends = new ArrayList<>();
				for (int i = 0; i < THREADS; i++) {
					Worker worker = (i % 2 == 0) ? one : other;
					ends.add(threads.submit(() -> {
						start.await();
						for (String key : keys) {
							answers.add(key + " " + annotated(worker, key));
							answers.add(key + " " + template(worker, key));
						}
						return null;
					}));
				}
				for (Future<?> end : ends) {
					end.get();
				}
			}
			finally {
				threads.shutdownNow();
			}
			assertThat(keys).allSatisfy((key) -> {
				assertThat(RUNS.count("annotated " + key)).isOne();
				assertThat(RUNS.count("template " + key)).isOne();
			});
			assertThat(answers).as("each call has the result of the one run, or was refused")
				.hasSizeLessThanOrEqualTo(4 * KEYS)
				.allSatisfy((answer) -> assertThat(answer).matches(".* (annotated 1|template 1|refused)"));
			assertThat(one.bean(IdempotencyEngine.class).leasesHeld()).isZero();
			assertThat(other.bean(IdempotencyEngine.class).leasesHeld()).isZero();
		}
	}

	private static String annotated(Worker worker, String key) {
		try {
			return worker.bean(Payments.class).pay(key);
		}
		catch (IdempotencyInProgressException ex) {
			return "refused";
		}
	}

	private static @Nullable String template(Worker worker, String key) {
		try {
			return worker.bean(IdempotencyOperations.class)
				.<String, RuntimeException>execute("race", key, String.class,
						(context) -> "template " + RUNS.next("template " + key));
		}
		catch (IdempotencyInProgressException ex) {
			return "refused";
		}
	}

	static class Payments {

		@Idempotent(key = "#key")
		String pay(String key) {
			return "annotated " + RUNS.next("annotated " + key);
		}

	}

}
