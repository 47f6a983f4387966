package io.idempotency.store;

import java.util.UUID;

/**
 * The key of a record in a store: the SHA-256 digest of the scope and the idempotency
 * key. It has a fixed size, and does not reveal the scope or the key.
 *
 * @param hex the digest as 64 lower-case hexadecimal digits
 */
public record RecordKey(String hex) {

	public RecordKey {
		if (!isDigest(hex)) {
			throw new IllegalArgumentException("A record key has 64 lower-case hexadecimal digits: " + hex);
		}
	}

	/**
	 * Returns a key that no request has, to check whether a store accepts claims.
	 * @return a random key
	 */
	public static RecordKey random() {
		return new RecordKey((UUID.randomUUID().toString() + UUID.randomUUID()).replace("-", ""));
	}

	/**
	 * Returns the record key of an idempotency key.
	 * @param scope the scope; equal keys in different scopes have different records
	 * @param key the idempotency key
	 * @return the digest of both
	 */
	public static RecordKey of(String scope, String key) {
		return new RecordKey(new Sha256().add(scope).add(key).toHex());
	}

	/**
	 * Returns the idempotency key for a call to another service. It is derived from this
	 * record key and the name of the call alone, so that later attempts send the same
	 * key.
	 * @param step the name of the call
	 * @return a UUID in the form of version 4
	 */
	public String derivedKey(String step) {
		return new Sha256().add("derived key").add(this.hex).add(step).toUuid().toString();
	}

	/**
	 * Returns whether a text is a SHA-256 digest in lower-case hexadecimal digits.
	 */
	static boolean isDigest(String text) {
		for (int i = 0; i < text.length(); i++) {
			char digit = text.charAt(i);
			if ((digit < '0' || digit > '9') && (digit < 'a' || digit > 'f')) {
				return false;
			}
		}
		return text.length() == 64;
	}

	@Override
	public String toString() {
		return this.hex;
	}

}
