package io.idempotency.store;

import java.util.UUID;

/**
 * One request's claim to a record.
 *
 * @param key the record
 * @param ownerToken what tells this claim from every other claim to the same record, ever
 */
public record Lease(RecordKey key, String ownerToken) {

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
		return new Lease(key, UUID.randomUUID().toString());
	}

}
