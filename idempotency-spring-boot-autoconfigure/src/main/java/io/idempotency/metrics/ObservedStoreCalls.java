package io.idempotency.metrics;

import java.util.function.Supplier;

import io.idempotency.engine.StoreObserver;
import io.idempotency.engine.StoreOperation;
import io.idempotency.store.IdempotencyStore;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;

/**
 * Makes each call of a store an observation, and thereby a timer and a span:
 * {@value #NAME}, with {@value #STORE}, {@value #OPERATION} and the {@code error} that
 * every observation has. A lost lease is an answer, not an error.
 */
final class ObservedStoreCalls implements StoreObserver {

	static final String NAME = "idempotency.store";

	/**
	 * The kind of store, such as {@code redis}.
	 */
	static final String STORE = "store";

	/**
	 * What it is asked, such as {@code acquire}.
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
