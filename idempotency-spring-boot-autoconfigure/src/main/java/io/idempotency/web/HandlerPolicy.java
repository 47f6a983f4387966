package io.idempotency.web;

import io.idempotency.store.Expiry;
import io.idempotency.store.IdempotencyStore;

/**
 * How a handler is protected.
 *
 * @param keyRequired whether a request without a key is refused
 * @param streaming whether the handler's response is streamed, so never stored
 * @param expiry how long its responses are kept
 * @param store what keeps them
 */
record HandlerPolicy(boolean keyRequired, boolean streaming, Expiry expiry, IdempotencyStore store) {

}
