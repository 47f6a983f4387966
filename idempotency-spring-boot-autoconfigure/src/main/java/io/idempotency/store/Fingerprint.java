package io.idempotency.store;

/**
 * What a request asks for, as a SHA-256 digest: a key that comes again with another
 * fingerprint was reused for something else.
 *
 * @param hex the digest as 64 lower-case hexadecimal digits, or empty where requests are
 * not compared
 */
public record Fingerprint(String hex) {

	/**
	 * The fingerprint that matches every other.
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
