package io.idempotency.web;

import io.idempotency.store.Fingerprint;
import io.idempotency.store.RecordKey;

/**
 * What a protected request with a key asks for.
 *
 * @param policy how its handler is protected
 * @param key the idempotency key
 * @param recordKey where the record is
 * @param fingerprint what tells it from another request with the key
 */
record Operation(HandlerPolicy policy, String key, RecordKey recordKey, Fingerprint fingerprint) {

	/**
	 * Returns the key that the operation has at another service. It follows from the
	 * record alone, so that it outlives the first request.
	 */
	String derivedKey(String step) {
		return new Sha256().add("derived key").add(this.recordKey.hex()).add(step).toUuid().toString();
	}

}
