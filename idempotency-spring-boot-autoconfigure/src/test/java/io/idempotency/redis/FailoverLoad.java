package io.idempotency.redis;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import io.idempotency.testing.Runs;
import io.idempotency.testing.TestApp;

import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * Clients that send one payment after the other, each until it is answered, and then all
 * of them once more.
 */
final class FailoverLoad {

	private static final int CLIENTS = 16;

	private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(60);

	/**
	 * Clients that are refused leave the processor to the servers.
	 */
	private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

	private static final Runs RUNS = new Runs();

	private final TestApp app;

	private final Queue<String> answered = new ConcurrentLinkedQueue<>();

	private final AtomicInteger count = new AtomicInteger();

	FailoverLoad(TestApp app) {
		this.app = app;
	}

	/**
	 * Lets the clients send while an action runs.
	 */
	void during(Runnable action) {
		CountDownLatch over = new CountDownLatch(1);
		List<CompletableFuture<Void>> clients = Stream
			.generate(() -> CompletableFuture.runAsync(() -> sendUntil(over), (task) -> new Thread(task).start()))
			.limit(CLIENTS)
			.toList();
		try {
			action.run();
		}
		finally {
			over.countDown();
		}
		clients.forEach(CompletableFuture::join);
	}

	private void sendUntil(CountDownLatch over) {
		while (over.getCount() > 0) {
			String key = TestApp.newKey();
			sendUntilAnswered(key);
			this.answered.add(key);
			this.count.incrementAndGet();
		}
	}

	private void sendUntilAnswered(String key) {
		long deadline = System.nanoTime() + MOST_NANOS;
		HttpResponse<byte[]> answer = this.app.post("/payments", key, "{}");
		while (answer.statusCode() != 201) {
			if (System.nanoTime() - deadline > 0) {
				throw new IllegalStateException("No answer but " + answer.statusCode() + ": " + TestApp.text(answer));
			}
			LockSupport.parkNanos(PAUSE_NANOS);
			answer = this.app.post("/payments", key, "{}");
		}
	}

	/**
	 * Returns how many requests have been answered.
	 */
	int count() {
		return this.count.get();
	}

	/**
	 * Sends all that was answered since the last time once more.
	 * @return how many of them have run more than once
	 */
	int doubles() {
		Collection<String> keys = new ArrayList<>();
		for (String key = this.answered.poll(); key != null; key = this.answered.poll()) {
			keys.add(key);
		}
		Queue<String> left = new ConcurrentLinkedQueue<>(keys);
		Stream.generate(() -> CompletableFuture.runAsync(() -> sendAll(left), (task) -> new Thread(task).start()))
			.limit(CLIENTS)
			.toList()
			.forEach(CompletableFuture::join);
		return (int) keys.stream().filter((key) -> RUNS.count(key) > 1).count();
	}

	private void sendAll(Queue<String> keys) {
		for (String key = keys.poll(); key != null; key = keys.poll()) {
			sendUntilAnswered(key);
		}
	}

	@RestController
	static class Payments {

		@PostMapping("/payments")
		ResponseEntity<String> pay(@RequestHeader("Idempotency-Key") String key) {
			return ResponseEntity.status(201).body("run " + RUNS.next(key));
		}

	}

}
