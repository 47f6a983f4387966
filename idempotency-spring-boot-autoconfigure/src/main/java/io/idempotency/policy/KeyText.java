package io.idempotency.policy;

/**
 * Counts the characters of idempotency keys and abbreviates them for messages, in the
 * same way for all front ends.
 * <p>
 * Public for the front ends of this library; not intended for applications.
 */
public final class KeyText {

	private KeyText() {
	}

	/**
	 * Returns the number of characters of a key. A surrogate pair counts as one
	 * character.
	 * @param key the key
	 * @return its length
	 */
	public static int length(String key) {
		return key.codePointCount(0, key.length());
	}

	/**
	 * Abbreviates a key for messages, which must not contain full keys.
	 * @param key the key
	 * @return the beginning of the key and its length
	 */
	public static String abbreviate(String key) {
		int length = length(key);
		int end = key.offsetByCodePoints(0, Math.min(4, length / 4));
		return key.substring(0, end) + "... (" + length + " characters)";
	}

}
