package io.idempotency.engine;

import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordKey;

/**
 * A claim to the record of a key.
 *
 * @param store the store of the record
 * @param key the key of the record
 * @param fingerprint the fingerprint of the request
 * @param expiry how long the outcome is kept after the request has ended
 * @param operation the name of what the request calls, such as {@code POST /payments},
 * for logs
 * @param entry how the request entered the application
 */
public record Claim(IdempotencyStore store, RecordKey key, Fingerprint fingerprint, Expiry expiry, String operation,
		Entry entry) {

}
