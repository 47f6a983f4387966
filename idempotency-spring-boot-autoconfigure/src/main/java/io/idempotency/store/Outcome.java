package io.idempotency.store;

/**
 * What the first request of a key ended with. {@link OutcomeCodec} turns it into bytes
 * and back.
 */
public sealed interface Outcome permits StoredResponse, StoredResult, ResponseNotStored {

}
