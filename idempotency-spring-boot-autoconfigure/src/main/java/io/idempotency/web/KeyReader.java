package io.idempotency.web;

import java.util.Locale;
import java.util.regex.Pattern;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

/**
 * Reads the key of a request and holds it to the rules that the properties set.
 */
final class KeyReader {

	private static final Pattern UUID_4_DIGITS = Pattern.compile("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}");

	private static final Pattern UUID_DASHED = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

	private final IdempotencyKeyResolver resolver;

	private final IdempotencyProperties properties;

	KeyReader(IdempotencyKeyResolver resolver, IdempotencyProperties properties) {
		this.resolver = resolver;
		this.properties = properties;
	}

	/**
	 * Returns, at the cost of a look at a header, whether a request may have a key.
	 */
	boolean mayHaveKey(HttpServletRequest request) {
		return !(this.resolver instanceof SparingKeyResolver sparing) || sparing.mayHaveKey(request);
	}

	/**
	 * Returns the key of a request, or {@code null} if it has none.
	 * @throws IllegalArgumentException if the key breaks a rule
	 */
	@Nullable String readKey(HttpServletRequest request) {
		String key = this.resolver.resolveKey(request);
		return (key != null && !key.isBlank()) ? accept(key) : null;
	}

	/**
	 * Returns the form of a key that stands for all that mean the same.
	 * @throws IllegalArgumentException if the key breaks a rule
	 */
	String accept(String key) {
		int length = length(key);
		if (length > this.properties.maxKeyLength()) {
			throw new IllegalArgumentException("The key in " + this.properties.keyHeader() + " has " + length
					+ " characters; at most " + this.properties.maxKeyLength() + " are accepted.");
		}
		return this.properties.enforceUuid() ? canonicalUuid(key) : key;
	}

	private String canonicalUuid(String key) {
		String lowerCase = key.toLowerCase(Locale.ROOT);
		String digits = UUID_DASHED.matcher(lowerCase).matches() ? lowerCase.replace("-", "") : lowerCase;
		if (!UUID_4_DIGITS.matcher(digits).matches()) {
			throw new IllegalArgumentException(
					"The value of the header " + this.properties.keyHeader() + " must be a UUID of version 4.");
		}
		return digits;
	}

	/**
	 * Returns as much of a key as may be shown.
	 */
	static String abbreviate(String key) {
		int length = length(key);
		int end = key.offsetByCodePoints(0, Math.min(4, length / 4));
		return key.substring(0, end) + "... (" + length + " characters)";
	}

	/**
	 * Returns the number of a key's characters, each of which may be a surrogate pair.
	 */
	private static int length(String key) {
		return key.codePointCount(0, key.length());
	}

}
