package io.idempotency.web.operation;

import io.idempotency.web.IdempotencyProperties;

/**
 * What a key must be like.
 *
 * @param header the header that carries it, for messages
 * @param maxLength the most characters that it may have
 * @param uuid whether it must be a UUID of version 4
 */
public record KeyRules(String header, int maxLength, boolean uuid) {

	/**
	 * Returns the rules that the properties set.
	 * @param properties the settings of the application
	 * @param maxLength the most characters that a key may have
	 * @return the rules
	 */
	public static KeyRules of(IdempotencyProperties properties, int maxLength) {
		return new KeyRules(properties.keyHeader(), maxLength, properties.enforceUuid());
	}

}
