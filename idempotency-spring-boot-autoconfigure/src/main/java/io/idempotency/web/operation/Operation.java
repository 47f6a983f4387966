package io.idempotency.web.operation;

import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.RecordKey;
import io.idempotency.web.ProtectedRequest;

/**
 * The operation that a protected request with a key asks for.
 *
 * @param policy how its handler is protected
 * @param key the idempotency key
 * @param recordKey the key of its record in the store
 * @param fingerprint distinguishes the request from others with the same key
 * @param name a name for logs and events, such as {@code POST /payments}
 */
public record Operation(ProtectionPolicy policy, String key, RecordKey recordKey, Fingerprint fingerprint,
		String name) {

	/**
	 * Returns the name of the operation of a request.
	 * @param request the request
	 * @return its method and path
	 */
	public static String name(ProtectedRequest request) {
		return request.method() + " " + request.path();
	}

}
