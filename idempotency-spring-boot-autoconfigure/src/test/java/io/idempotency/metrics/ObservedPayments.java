package io.idempotency.metrics;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.idempotency.Idempotent;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.micrometer.tracing.exporter.FinishedSpan;
import io.micrometer.tracing.exporter.SpanReporter;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Endpoints for each thing that can become of a request, and what watches them.
 */
@RestController
class ObservedPayments {

	private volatile CountDownLatch slow = new CountDownLatch(0);

	@PostMapping("/customers/{customer}/payments")
	ResponseEntity<String> pay(@PathVariable String customer) {
		return ResponseEntity.status(HttpStatus.CREATED).body("paid by " + customer);
	}

	@PostMapping("/declined")
	ResponseEntity<String> decline() {
		return ResponseEntity.status(HttpStatus.PAYMENT_REQUIRED).body("declined");
	}

	@PostMapping("/long")
	String answerAtLength() {
		return "x".repeat(2000);
	}

	@Idempotent
	@PostMapping("/required")
	String require() {
		return "done";
	}

	@Idempotent(expiry = "1ms")
	@PostMapping("/short-lived")
	String forgetSoon() {
		return "done";
	}

	@Idempotent(store = "brokenStore")
	@PostMapping("/broken")
	String keepInBrokenStore() {
		return "done";
	}

	@PostMapping("/slow")
	String takeLong() throws InterruptedException {
		return this.slow.await(30, TimeUnit.SECONDS) ? "done" : "interrupted";
	}

	/**
	 * Makes the slow handler wait until the latch is counted down.
	 */
	CountDownLatch holdSlowHandler() {
		CountDownLatch latch = new CountDownLatch(1);
		this.slow = latch;
		return latch;
	}

	@Bean
	@Primary
	static MemoryIdempotencyStore memoryStore() {
		return new MemoryIdempotencyStore(1000);
	}

	@Bean
	static BrokenStore brokenStore() {
		return new BrokenStore();
	}

	@Bean
	@Order(1)
	static IdempotencyListener failingListener() {
		return new IdempotencyListener() {

			@Override
			public void onRequest(IdempotencyEvent event) {
				throw new IllegalStateException("This listener always fails");
			}

		};
	}

	@Bean
	@Order(2)
	static Events events() {
		return new Events();
	}

	@Bean
	static Spans spans() {
		return new Spans();
	}

	/**
	 * A listener of the application's own.
	 */
	static final class Events implements IdempotencyListener {

		private final List<IdempotencyEvent> events = new CopyOnWriteArrayList<>();

		@Override
		public void onRequest(IdempotencyEvent event) {
			this.events.add(event);
		}

		List<IdempotencyEvent> all() {
			return List.copyOf(this.events);
		}

	}

	/**
	 * The finished spans.
	 */
	static final class Spans implements SpanReporter {

		private final List<FinishedSpan> finished = new CopyOnWriteArrayList<>();

		@Override
		public void report(FinishedSpan span) {
			this.finished.add(span);
		}

		@Override
		public void close() {
		}

		List<FinishedSpan> all() {
			return List.copyOf(this.finished);
		}

	}

	/**
	 * A store that never answers.
	 */
	static final class BrokenStore implements IdempotencyStore {

		@Override
		public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
			throw new IllegalStateException("The store is away");
		}

		@Override
		public boolean renew(Lease lease, LeaseTerms terms) {
			throw new IllegalStateException("The store is away");
		}

		@Override
		public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
			throw new IllegalStateException("The store is away");
		}

		@Override
		public boolean release(Lease lease) {
			throw new IllegalStateException("The store is away");
		}

	}

}
