package io.idempotency.actuate;

import java.security.Principal;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

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
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.UnreadableRecordException;
import io.idempotency.testing.Runs;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;
import org.springframework.core.Ordered;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * Endpoints that are protected in each way, and two stores.
 */
@RestController
@Import(Runs.class)
class ManagedPayments {

	private final Runs runs;

	private volatile CountDownLatch slow = new CountDownLatch(0);

	ManagedPayments(Runs runs) {
		this.runs = runs;
	}

	@PostMapping("/payments/{*id}")
	ResponseEntity<String> pay(@RequestHeader("Idempotency-Key") String key) {
		return ResponseEntity.status(201)
			.header("X-Card", "4111111111111111")
			.body("paid by Zoë, run " + this.runs.next(key));
	}

	@Idempotent(expiry = "5m", manual = true)
	@PostMapping("/manual")
	String manual(IdempotencyContext context) {
		return "done";
	}

	@Idempotent(store = "otherStore")
	@PostMapping("/other")
	String other() {
		return "done";
	}

	@IdempotencyExempt
	@PostMapping("/exempt")
	String exempt() {
		return "done";
	}

	@RequestMapping(path = "/mixed", method = { RequestMethod.GET, RequestMethod.POST })
	String mixed() {
		return "done";
	}

	@GetMapping("/read")
	String read() {
		return "done";
	}

	@PostMapping("/long")
	String answerAtLength() {
		return "x".repeat(2000);
	}

	@PostMapping("/binary")
	byte[] answerInBinary() {
		return new byte[] { (byte) 0xff, 0 };
	}

	@PostMapping("/slow")
	String takeLong() throws InterruptedException {
		return this.slow.await(30, TimeUnit.SECONDS) ? "done" : "interrupted";
	}

	CountDownLatch holdSlowHandler() {
		CountDownLatch latch = new CountDownLatch(1);
		this.slow = latch;
		return latch;
	}

	@Bean
	@Primary
	static MemoryIdempotencyStore mainStore() {
		return new MemoryIdempotencyStore(1000);
	}

	@Bean
	static MemoryIdempotencyStore otherStore() {
		return new MemoryIdempotencyStore(1000);
	}

	@Bean
	static FilterRegistrationBean<Filter> principalFromHeader() {
		FilterRegistrationBean<Filter> filter = new FilterRegistrationBean<>((request, response, chain) -> chain
			.doFilter(new HttpServletRequestWrapper((HttpServletRequest) request) {

				@Override
				public @Nullable Principal getUserPrincipal() {
					String user = getHeader("X-User");
					return (user != null) ? () -> user : null;
				}

			}, response));
		filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
		return filter;
	}

	/**
	 * A store that fails in the way that a test wants.
	 */
	static final class FailingStore implements IdempotencyStore {

		private volatile RuntimeException failure = new IllegalStateException("The store is away");

		private volatile CountDownLatch hanging = new CountDownLatch(0);

		void fail(RuntimeException newFailure) {
			this.failure = newFailure;
		}

		CountDownLatch hang() {
			CountDownLatch latch = new CountDownLatch(1);
			this.hanging = latch;
			return latch;
		}

		@Override
		public Optional<StoredRecord> find(RecordKey key) {
			throw this.failure;
		}

		@Override
		public boolean remove(RecordKey key) {
			if (this.failure instanceof UnreadableRecordException) {
				return true;
			}
			throw this.failure;
		}

		@Override
		public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
			try {
				this.hanging.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
			throw this.failure;
		}

		@Override
		public boolean renew(Lease lease, LeaseTerms terms) {
			throw this.failure;
		}

		@Override
		public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
			throw this.failure;
		}

		@Override
		public boolean release(Lease lease) {
			throw this.failure;
		}

	}

}
