package io.idempotency.store;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How long a lease lasts, and what happens to the record when it lapses.
 *
 * @param duration how long the lease lasts unless it is renewed, at least a millisecond
 * @param abandonedExpiry {@code null} if another request may take over a lapsed lease;
 * otherwise how long the record is kept after the lease lapsed, during which it is
 * reported as {@link Acquisition.Abandoned}
 */
public record LeaseTerms(Duration duration, @Nullable Expiry abandonedExpiry) {

	public LeaseTerms {
		if (duration.toMillis() < 1) {
			throw new IllegalArgumentException("A lease must last at least a millisecond: " + duration);
		}
	}

}
