package io.idempotency.metrics;

import io.idempotency.store.IdempotencyStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.beans.factory.ObjectProvider;

/**
 * Publishes counts that the stores keep themselves, as a sum over all stores of the
 * application. It is a bean, because a registry holds only a weak reference to the object
 * that it reads from.
 */
final class StoreMetrics implements MeterBinder {

	private final ObjectProvider<IdempotencyStore> stores;

	StoreMetrics(ObjectProvider<IdempotencyStore> stores) {
		this.stores = stores;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		FunctionCounter.builder("idempotency.store.unacknowledged", this, StoreMetrics::unacknowledged)
			.description("Outcomes that were stored without the required confirmation of replicas")
			.register(registry);
	}

	private double unacknowledged() {
		return this.stores.stream().mapToLong(IdempotencyStore::unacknowledged).sum();
	}

}
