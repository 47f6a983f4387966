package io.idempotency.encryption;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the encryption of stored responses. A key is 16, 24 or 32 random bytes in
 * Base64, for AES-128, AES-192 or AES-256.
 *
 * @param key the key that responses are encrypted with; by default they are not
 * @param previousKeys further keys that responses are decrypted with: those before the
 * last change, and the next one while only some instances write with it
 * @param acceptPlain whether responses that were stored before there was a key are still
 * replayed; whoever can write to the store can then forge one
 */
@ConfigurationProperties("idempotency.encryption")
record EncryptionProperties(@Nullable String key, @DefaultValue List<String> previousKeys,
		@DefaultValue("false") boolean acceptPlain) {

	/**
	 * Says nothing of the keys.
	 */
	@Override
	public String toString() {
		return "EncryptionProperties[]";
	}

}
