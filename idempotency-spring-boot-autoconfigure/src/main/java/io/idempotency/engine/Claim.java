package io.idempotency.engine;

import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordKey;

/**
 * What a request with a key asks of the engine.
 *
 * @param store where the record is
 * @param key the record
 * @param fingerprint what the request asks for
 * @param expiry how long its outcome is kept once it has ended
 * @param operation names what the request calls, such as {@code POST /payments}, for
 * people who read a log
 * @param entry how the request came into the application
 */
public record Claim(IdempotencyStore store, RecordKey key, Fingerprint fingerprint, Expiry expiry, String operation,
		Entry entry) {

}
