package io.idempotency.encryption;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings for the encryption of stored responses. A key consists of 16, 24 or 32 random
 * bytes in Base64, for AES-128, AES-192 or AES-256.
 *
 * @param key Key to encrypt stored responses with: 16, 24 or 32 random bytes in Base64.
 * By default, they are not encrypted.
 * @param previousKeys Further keys to decrypt stored responses with. List the keys that
 * were used before, and the next key while only some instances write with it.
 * @param acceptPlain Whether to replay responses that were stored before a key was
 * configured. With this setting, anyone who can write to the store can forge a response.
 */
@ConfigurationProperties("idempotency.encryption")
record EncryptionProperties(@Nullable String key, @DefaultValue List<String> previousKeys,
		@DefaultValue("false") boolean acceptPlain) {

	/**
	 * Returns a text without the keys.
	 */
	@Override
	public String toString() {
		return "EncryptionProperties[]";
	}

}
