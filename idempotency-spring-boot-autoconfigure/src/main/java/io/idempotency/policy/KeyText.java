package io.idempotency.policy;

/**
 * The text of an idempotency key, which is counted and shown in the same way wherever it
 * comes from.
 * <p>
 * Public for the front ends of this library; applications have no use for it.
 */
public final class KeyText {

	private KeyText() {
	}

	/**
	 * Returns the number of a key's characters, each of which may be a surrogate pair.
	 * @param key the key
	 * @return its length
	 */
	public static int length(String key) {
		return key.codePointCount(0, key.length());
	}

	/**
	 * Returns as much of a key as may be shown.
	 * @param key the key
	 * @return its beginning and its length
	 */
	public static String abbreviate(String key) {
		int length = length(key);
		int end = key.offsetByCodePoints(0, Math.min(4, length / 4));
		return key.substring(0, end) + "... (" + length + " characters)";
	}

}
