package io.idempotency.store;

import java.util.regex.Pattern;

/**
 * Where a record is kept: the SHA-256 digest of the scope and the idempotency key, so
 * that it has one size and reveals neither.
 *
 * @param hex the digest as 64 lower-case hexadecimal digits
 */
public record RecordKey(String hex) {

	private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

	public RecordKey {
		if (!DIGEST.matcher(hex).matches()) {
			throw new IllegalArgumentException("A record key has 64 lower-case hexadecimal digits: " + hex);
		}
	}

	@Override
	public String toString() {
		return this.hex;
	}

}
