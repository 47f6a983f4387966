package io.idempotency.store;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * How long a completed record is kept.
 *
 * @param duration the time from completion, between a millisecond and a hundred years, or
 * {@code null} to keep the record for ever
 */
public record Expiry(@Nullable Duration duration) {

	private static final Duration SHORTEST = Duration.ofMillis(1);

	private static final Duration LONGEST = Duration.ofDays(36_525);

	public Expiry {
		if (duration != null && (duration.compareTo(SHORTEST) < 0 || duration.compareTo(LONGEST) > 0)) {
			throw new IllegalArgumentException(
					"An expiry must be between 1 ms and 100 years, or 0 or 'never' to keep a record for ever: "
							+ duration);
		}
	}

	/**
	 * Returns the expiry after the given time, or {@link #never()} for zero.
	 * @param duration the time from completion
	 * @return the expiry
	 */
	public static Expiry after(Duration duration) {
		return duration.isZero() ? never() : new Expiry(duration);
	}

	/**
	 * Returns the expiry of records that are kept for ever.
	 * @return no expiry
	 */
	public static Expiry never() {
		return new Expiry(null);
	}

	@Override
	public String toString() {
		return (this.duration != null) ? this.duration.toString() : "never";
	}

}
