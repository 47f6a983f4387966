package io.idempotency.store;

import java.time.Duration;

/**
 * How a record is enlisted in a transaction.
 *
 * @param expiry how long its outcome is kept, counted from when it is written
 * @param takeOverAbandoned whether it may take the place of a lease that lapsed
 * @param atMost how long to wait for another transaction that has the record; zero asks
 * for the shortest wait that the database allows without harm to the transaction
 */
public record EnlistTerms(Expiry expiry, boolean takeOverAbandoned, Duration atMost) {

	public EnlistTerms {
		if (atMost.isNegative()) {
			throw new IllegalArgumentException("A wait must not be negative: " + atMost);
		}
	}

}
