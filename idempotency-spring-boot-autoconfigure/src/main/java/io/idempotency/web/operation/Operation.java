package io.idempotency.web.operation;

import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.RecordKey;
import io.idempotency.web.ProtectedRequest;

/**
 * What a protected request with a key asks for.
 *
 * @param policy how its handler is protected
 * @param key the idempotency key
 * @param recordKey where the record is
 * @param fingerprint what tells it from another request with the key
 * @param name names what it calls, such as {@code POST /payments}, for people who read a
 * log
 */
public record Operation(ProtectionPolicy policy, String key, RecordKey recordKey, Fingerprint fingerprint,
		String name) {

	/**
	 * Returns the name of what a request calls.
	 * @param request the request
	 * @return its method and path
	 */
	public static String name(ProtectedRequest request) {
		return request.method() + " " + request.path();
	}

}
