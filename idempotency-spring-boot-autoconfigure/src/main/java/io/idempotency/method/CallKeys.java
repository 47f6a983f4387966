package io.idempotency.method;

import io.idempotency.policy.KeyText;
import io.idempotency.store.RecordKey;
import io.idempotency.store.Sha256;
import org.jspecify.annotations.Nullable;

/**
 * Validates the keys of calls, and computes the keys of their records.
 */
final class CallKeys {

	private static final String DOMAIN = "method";

	private final int maxLength;

	CallKeys(int maxLength) {
		this.maxLength = maxLength;
	}

	/**
	 * Requires that a value is a valid key.
	 * @return the value
	 * @throws IdempotencyKeyInvalidException if it is not
	 */
	String require(String operation, @Nullable String key) {
		if (key == null || key.isBlank()) {
			throw new IdempotencyKeyInvalidException(operation,
					(key != null) ? "the idempotency key is blank" : "there is no idempotency key");
		}
		int length = KeyText.length(key);
		if (length > this.maxLength) {
			throw new IdempotencyKeyInvalidException(operation, "the idempotency key has " + length
					+ " characters, and idempotency.max-key-length is " + this.maxLength);
		}
		return key;
	}

	/**
	 * Returns the record key of an idempotency key. It differs from the record keys of
	 * all HTTP requests.
	 */
	static RecordKey recordKey(String operation, String key) {
		return new RecordKey(new Sha256().add(DOMAIN).add(operation).add(key).toHex());
	}

}
