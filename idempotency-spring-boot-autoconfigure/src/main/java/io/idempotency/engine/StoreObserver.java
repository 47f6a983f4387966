package io.idempotency.engine;

import java.util.function.Supplier;

import io.idempotency.store.IdempotencyStore;

/**
 * Observes the calls that the engine makes to stores.
 */
public interface StoreObserver {

	/**
	 * An observer that does nothing.
	 */
	StoreObserver NONE = new StoreObserver() {

		@Override
		public <T> T observe(IdempotencyStore store, StoreOperation operation, Supplier<T> call) {
			return call.get();
		}

	};

	/**
	 * Makes a call and observes it. Exceptions of the call are passed on.
	 * @param <T> the type of the answer
	 * @param store the store that is called
	 * @param operation the operation that is called
	 * @param call the call, which must be made exactly once
	 * @return the result of the call
	 */
	<T> T observe(IdempotencyStore store, StoreOperation operation, Supplier<T> call);

}
