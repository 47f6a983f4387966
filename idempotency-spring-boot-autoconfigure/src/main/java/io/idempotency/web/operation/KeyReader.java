package io.idempotency.web.operation;

import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;

import io.idempotency.policy.KeyText;
import io.idempotency.web.IdempotencyKeyResolver;
import io.idempotency.web.ProtectedRequest;
import org.jspecify.annotations.Nullable;

/**
 * Reads the key of a request and validates it.
 */
public final class KeyReader {

	private static final Pattern UUID_4_DIGITS = Pattern.compile("[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}");

	private static final Pattern UUID_DASHED = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

	private final IdempotencyKeyResolver resolver;

	private final KeyRules rules;

	/**
	 * Creates a reader.
	 * @param resolver finds the key
	 * @param rules the requirements for keys
	 */
	public KeyReader(IdempotencyKeyResolver resolver, KeyRules rules) {
		this.resolver = resolver;
		this.rules = rules;
	}

	/**
	 * Returns whether a request may have a key, without reading its body.
	 * @param request the request
	 * @return {@code false} if it has none
	 */
	public boolean mayHaveKey(ProtectedRequest request) {
		return this.resolver.mayHaveKey(request);
	}

	/**
	 * Returns the key of a request, or {@code null} if it has none.
	 * @throws IllegalArgumentException if the key breaks a rule
	 */
	@Nullable String readKey(ProtectedRequest request) throws IOException {
		String key = this.resolver.resolveKey(request);
		return (key != null && !key.isBlank()) ? accept(key) : null;
	}

	/**
	 * Validates a key and returns its canonical form: spellings of one UUID are the same
	 * key, if keys must be UUIDs.
	 * @throws IllegalArgumentException if the key breaks a rule
	 */
	String accept(String key) {
		int length = KeyText.length(key);
		if (length > this.rules.maxLength()) {
			throw new IllegalArgumentException("The key in " + this.rules.header() + " has " + length
					+ " characters; at most " + this.rules.maxLength() + " are accepted.");
		}
		return this.rules.uuid() ? canonicalUuid(key) : key;
	}

	private String canonicalUuid(String key) {
		String lowerCase = key.toLowerCase(Locale.ROOT);
		String digits = UUID_DASHED.matcher(lowerCase).matches() ? lowerCase.replace("-", "") : lowerCase;
		if (!UUID_4_DIGITS.matcher(digits).matches()) {
			throw new IllegalArgumentException(
					"The value of the header " + this.rules.header() + " must be a UUID of version 4.");
		}
		return digits;
	}

}
