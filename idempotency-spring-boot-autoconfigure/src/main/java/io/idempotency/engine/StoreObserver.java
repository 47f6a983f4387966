package io.idempotency.engine;

import java.util.function.Supplier;

import io.idempotency.store.IdempotencyStore;

/**
 * Watches the calls that the engine makes to stores.
 */
public interface StoreObserver {

	/**
	 * The observer that watches nothing.
	 */
	StoreObserver NONE = new StoreObserver() {

		@Override
		public <T> T observe(IdempotencyStore store, StoreOperation operation, Supplier<T> call) {
			return call.get();
		}

	};

	/**
	 * Makes a call.
	 * @param <T> what the store answers
	 * @param store whom it asks
	 * @param operation what it asks
	 * @param call the call, to be made once
	 * @return what the call returned; what it throws is thrown
	 */
	<T> T observe(IdempotencyStore store, StoreOperation operation, Supplier<T> call);

}
