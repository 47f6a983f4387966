package io.idempotency.metrics;

import java.util.function.Supplier;

import io.idempotency.engine.StoreObserver;
import io.idempotency.engine.StoreOperation;
import io.idempotency.store.IdempotencyStore;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;

/**
 * Observes each call of a store, so that there is a timer and a span for it. The
 * observation is called {@value #NAME} and has the keys {@value #STORE},
 * {@value #OPERATION} and {@code error}. A lost lease does not count as an error.
 */
final class ObservedStoreCalls implements StoreObserver {

	static final String NAME = "idempotency.store";

	/**
	 * The kind of store, such as {@code redis}.
	 */
	static final String STORE = "store";

	/**
	 * The operation that is called, such as {@code acquire}.
	 */
	static final String OPERATION = "operation";

	private final ObservationRegistry registry;

	ObservedStoreCalls(ObservationRegistry registry) {
		this.registry = registry;
	}

	@Override
	public <T> T observe(IdempotencyStore store, StoreOperation operation, Supplier<T> call) {
		String operationName = Names.of(operation);
		return Observation.createNotStarted(NAME, this.registry)
			.contextualName("idempotency " + operationName)
			.lowCardinalityKeyValue(STORE, Names.of(store))
			.lowCardinalityKeyValue(OPERATION, operationName)
			.observe(call);
	}

}
