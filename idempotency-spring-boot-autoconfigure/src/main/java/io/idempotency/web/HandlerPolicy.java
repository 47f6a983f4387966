package io.idempotency.web;

import io.idempotency.engine.Execution;
import io.idempotency.store.Expiry;
import io.idempotency.store.IdempotencyStore;

/**
 * How a handler is protected.
 *
 * @param keyRequired whether a request without a key is refused
 * @param manual whether the handler runs for a retry, too
 * @param streaming whether the handler's response is streamed, so never stored
 * @param expiry how long its responses are kept
 * @param store what keeps them
 * @param transactional whether the handler's work is committed together with its outcome,
 * by the store
 */
public record HandlerPolicy(boolean keyRequired, boolean manual, boolean streaming, Expiry expiry,
		IdempotencyStore store, boolean transactional) {

	/**
	 * Begins the transaction of a handler that is about to run.
	 */
	void begin(Execution execution) {
		if (this.transactional) {
			execution.begin();
		}
	}

}
