package io.idempotency.store;

/**
 * The outcome of the first request with a key. {@link OutcomeCodec} converts it to bytes
 * and back.
 */
public sealed interface Outcome permits StoredResponse, StoredResult, ResponseNotStored {

}
