package io.idempotency.conformance;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import static org.awaitility.Awaitility.await;

/**
 * Counts how often handlers ran for a client, and holds the slow ones back until the
 * client lets them go on.
 */
final class Runs {

	private static final Duration LONGEST_RUN = Duration.ofSeconds(60);

	private final Map<String, Integer> counts = new ConcurrentHashMap<>();

	private final Map<String, CountDownLatch> gates = new ConcurrentHashMap<>();

	/**
	 * Counts a run, and returns which it was, from 1.
	 */
	int next(String client) {
		return this.counts.merge(client, 1, Integer::sum);
	}

	int count(String client) {
		return this.counts.getOrDefault(client, 0);
	}

	void awaitRun(String client, int run) {
		await().until(() -> count(client) == run);
	}

	/**
	 * Waits until the client lets its slow handlers go on.
	 */
	void hold(String client) throws InterruptedException {
		if (!gate(client).await(LONGEST_RUN.toSeconds(), TimeUnit.SECONDS)) {
			throw new IllegalStateException("The test did not let the handler go on");
		}
	}

	void letGo(String client) {
		gate(client).countDown();
	}

	private CountDownLatch gate(String client) {
		return this.gates.computeIfAbsent(client, (name) -> new CountDownLatch(1));
	}

}
