package io.idempotency.metrics;

import io.idempotency.store.IdempotencyStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import org.springframework.beans.factory.ObjectProvider;

/**
 * Shows what stores count themselves, all stores of the application together. It is a
 * bean, since a registry keeps no object alive that it reads from.
 */
final class StoreMetrics implements MeterBinder {

	private final ObjectProvider<IdempotencyStore> stores;

	StoreMetrics(ObjectProvider<IdempotencyStore> stores) {
		this.stores = stores;
	}

	@Override
	public void bindTo(MeterRegistry registry) {
		FunctionCounter.builder("idempotency.store.unacknowledged", this, StoreMetrics::unacknowledged)
			.description("Outcomes that stores took without the confirmation of replicas that they are to wait for")
			.register(registry);
	}

	private double unacknowledged() {
		return this.stores.stream().mapToLong(IdempotencyStore::unacknowledged).sum();
	}

}
