package io.idempotency.test;

import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.idempotency.IdempotencyContext;
import io.idempotency.Idempotent;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * An application's handlers. Each answer has a number of its own.
 */
@RestController
class Orders {

	private final AtomicInteger runs = new AtomicInteger();

	private final CountDownLatch running = new CountDownLatch(1);

	private final CountDownLatch released = new CountDownLatch(1);

	@PostMapping("/orders")
	@ResponseStatus(HttpStatus.CREATED)
	Map<String, Integer> order() {
		return next();
	}

	@PostMapping("/callable")
	Callable<ResponseEntity<Map<String, Integer>>> callable(HttpServletResponse response) {
		response.setHeader("X-Order", "later");
		return () -> ResponseEntity.status(HttpStatus.ACCEPTED).body(next());
	}

	@PostMapping("/future")
	CompletableFuture<Map<String, Integer>> future() {
		return CompletableFuture.supplyAsync(this::next);
	}

	@PostMapping("/held")
	Map<String, Integer> held() throws InterruptedException {
		this.running.countDown();
		if (!this.released.await(30, TimeUnit.SECONDS)) {
			throw new IllegalStateException("Nobody released the handler");
		}
		return next();
	}

	@Idempotent
	@PostMapping("/refunds")
	Map<String, Object> refund(IdempotencyContext context) {
		return Map.of("key", String.valueOf(context.key()), "run", this.runs.incrementAndGet());
	}

	private Map<String, Integer> next() {
		return Map.of("order", this.runs.incrementAndGet());
	}

	int runs() {
		return this.runs.get();
	}

	void awaitHeld() throws InterruptedException {
		if (!this.running.await(30, TimeUnit.SECONDS)) {
			throw new IllegalStateException("The handler does not run");
		}
	}

	void release() {
		this.released.countDown();
	}

}
