package io.idempotency.web.operation;

import io.idempotency.web.IdempotencyProperties;

/**
 * Requirements for keys.
 *
 * @param header the header that contains the key, for messages
 * @param maxLength the maximum length of a key in characters
 * @param uuid whether a key must be a UUID of version 4
 */
public record KeyRules(String header, int maxLength, boolean uuid) {

	/**
	 * Returns the rules that the properties define.
	 * @param properties the settings of the application
	 * @param maxLength the maximum length of a key in characters
	 * @return the rules
	 */
	public static KeyRules of(IdempotencyProperties properties, int maxLength) {
		return new KeyRules(properties.keyHeader(), maxLength, properties.enforceUuid());
	}

}
