package io.idempotency.store;

import java.security.SecureRandom;
import java.util.Base64;

/**
 * The claim of one request to a record.
 *
 * @param key the record
 * @param ownerToken a token that no other claim to the same record ever has
 */
public record Lease(RecordKey key, String ownerToken) {

	private static final int TOKEN_LENGTH = 16;

	private static final SecureRandom RANDOM = new SecureRandom();

	private static final Base64.Encoder TEXT = Base64.getUrlEncoder().withoutPadding();

	public Lease {
		if (ownerToken.isEmpty()) {
			throw new IllegalArgumentException("The owner token must not be empty");
		}
	}

	/**
	 * Creates a lease with a random owner token.
	 * @param key the record
	 * @return a lease that no other request has
	 */
	public static Lease of(RecordKey key) {
		byte[] token = new byte[TOKEN_LENGTH];
		RANDOM.nextBytes(token);
		return new Lease(key, TEXT.encodeToString(token));
	}

}
