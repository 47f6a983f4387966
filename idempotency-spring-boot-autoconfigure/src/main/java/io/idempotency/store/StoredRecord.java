package io.idempotency.store;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A record, for people who look at it. All times are by the store's clock, rounded to
 * milliseconds or better.
 *
 * @param content what the record holds: {@link Acquisition.InProgress},
 * {@link Acquisition.Abandoned}, {@link Acquisition.Resumable} or
 * {@link Acquisition.Completed}
 * @param acquiredAt when the last request acquired it
 * @param leaseEnd when the lease of that request lapses unless it is renewed, or has
 * lapsed; {@code null} if no request holds the record
 * @param expiresAt when the record is removed if nothing changes it before, or
 * {@code null} if never
 * @param readAt when the store was asked
 */
public record StoredRecord(Acquisition content, Instant acquiredAt, @Nullable Instant leaseEnd,
		@Nullable Instant expiresAt, Instant readAt) {

	public StoredRecord {
		boolean held = content instanceof Acquisition.InProgress || content instanceof Acquisition.Abandoned;
		boolean free = content instanceof Acquisition.Acquired || content instanceof Acquisition.Removed;
		if (free || held != (leaseEnd != null)) {
			throw new IllegalArgumentException("A record that is " + content.getClass().getSimpleName()
					+ (free ? " cannot be shown" : (held ? " has a lease" : " has no lease")));
		}
	}

	/**
	 * Returns how long ago the last request acquired the record.
	 * @return the time between {@link #acquiredAt()} and {@link #readAt()}, at least zero
	 */
	public Duration age() {
		Duration age = Duration.between(this.acquiredAt, this.readAt);
		return age.isNegative() ? Duration.ZERO : age;
	}

}
