package io.idempotency.store;

/**
 * A SHA-256 digest of what a request asks for. If a key is sent again with another
 * fingerprint, it was reused for a different request.
 *
 * @param hex the digest as 64 lower-case hexadecimal digits, or empty if requests are not
 * compared
 */
public record Fingerprint(String hex) {

	/**
	 * The fingerprint that matches every other fingerprint.
	 */
	public static final Fingerprint ANY = new Fingerprint("");

	public Fingerprint {
		if (!hex.isEmpty() && !RecordKey.isDigest(hex)) {
			throw new IllegalArgumentException("A fingerprint has 64 lower-case hexadecimal digits: " + hex);
		}
	}

	/**
	 * Returns whether two requests may share a record.
	 * @param other the other request's fingerprint
	 * @return whether both are equal, or one of them is {@link #ANY}
	 */
	public boolean matches(Fingerprint other) {
		return this.hex.isEmpty() || other.hex.isEmpty() || this.hex.equals(other.hex);
	}

}
