package io.idempotency.store;

import java.time.Duration;

/**
 * The terms on which a record is enlisted in a transaction.
 *
 * @param expiry how long the outcome is kept, counted from when it is written
 * @param takeOverAbandoned whether the record may be taken over from a lease that lapsed
 * @param atMost how long to wait for another transaction that holds the record; zero
 * means the shortest wait that the database allows without harm to the transaction
 */
public record EnlistTerms(Expiry expiry, boolean takeOverAbandoned, Duration atMost) {

	public EnlistTerms {
		if (atMost.isNegative()) {
			throw new IllegalArgumentException("A wait must not be negative: " + atMost);
		}
	}

}
