package io.idempotency.policy;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Validates properties, with messages that name the property.
 * <p>
 * Public for the front ends of this library; not intended for applications.
 */
public final class PropertyRules {

	private PropertyRules() {
	}

	/**
	 * Requires that a rule holds.
	 * @param condition whether the rule holds
	 * @param property the name of the property, without the prefix {@code idempotency.}
	 * @param rule what the value must be
	 * @param value the value
	 * @throws IllegalArgumentException if the rule does not hold
	 */
	public static void require(boolean condition, String property, String rule, @Nullable Object value) {
		if (!condition) {
			throw new IllegalArgumentException("idempotency." + property + " " + rule + ", but is '" + value + "'");
		}
	}

	/**
	 * Returns whether a duration is within a range.
	 * @param value the duration
	 * @param least the shortest that is allowed
	 * @param most the longest that is allowed
	 * @return whether the duration is allowed
	 */
	public static boolean isBetween(Duration value, Duration least, Duration most) {
		return value.compareTo(least) >= 0 && value.compareTo(most) <= 0;
	}

}
