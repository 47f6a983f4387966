package io.idempotency.web;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.StoredStep;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Watches every store of an application: counts its calls, remembers what it completed,
 * and can answer in its place.
 */
class ObservedStores implements BeanPostProcessor {

	private final AtomicInteger calls = new AtomicInteger();

	private final List<Completion> completions = Collections.synchronizedList(new ArrayList<>());

	private volatile @Nullable Supplier<Acquisition> answer;

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return (bean instanceof IdempotencyStore store) ? new Observed(store, beanName) : bean;
	}

	int calls() {
		return this.calls.get();
	}

	List<Completion> completions() {
		return List.copyOf(this.completions);
	}

	/**
	 * Makes every store answer so, until it is {@code null}.
	 */
	void answer(@Nullable Supplier<Acquisition> newAnswer) {
		this.answer = newAnswer;
	}

	/**
	 * What a store was told to keep.
	 */
	record Completion(String store, Outcome outcome, Expiry expiry) {
	}

	private final class Observed implements IdempotencyStore {

		private final IdempotencyStore store;

		private final String name;

		Observed(IdempotencyStore store, String name) {
			this.store = store;
			this.name = name;
		}

		@Override
		public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
			ObservedStores.this.calls.incrementAndGet();
			Supplier<Acquisition> scripted = ObservedStores.this.answer;
			return (scripted != null) ? scripted.get() : this.store.acquire(lease, fingerprint, terms);
		}

		@Override
		public boolean renew(Lease lease, LeaseTerms terms) {
			ObservedStores.this.calls.incrementAndGet();
			return this.store.renew(lease, terms);
		}

		@Override
		public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
			ObservedStores.this.calls.incrementAndGet();
			ObservedStores.this.completions.add(new Completion(this.name, outcome, expiry));
			return this.store.complete(lease, outcome, expiry);
		}

		@Override
		public boolean release(Lease lease) {
			ObservedStores.this.calls.incrementAndGet();
			return this.store.release(lease);
		}

		@Override
		public boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
			ObservedStores.this.calls.incrementAndGet();
			return this.store.storeStep(lease, step, expiry);
		}

		@Override
		public int purgeExpired() {
			return this.store.purgeExpired();
		}

	}

}
