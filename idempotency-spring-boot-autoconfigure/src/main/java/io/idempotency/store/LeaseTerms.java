package io.idempotency.store;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How long a lease lasts, and what becomes of the record when it lapses.
 *
 * @param duration how long the lease lasts unless it is renewed, at least a millisecond
 * @param abandonedExpiry {@code null} if another request may take over a lapsed lease;
 * otherwise how long after the lapse the record stays and answers
 * {@link Acquisition.Abandoned}
 */
public record LeaseTerms(Duration duration, @Nullable Expiry abandonedExpiry) {

	public LeaseTerms {
		if (duration.toMillis() < 1) {
			throw new IllegalArgumentException("A lease must last at least a millisecond: " + duration);
		}
	}

}
