package io.idempotency.policy;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Holds properties to their rules, with a message that names the property.
 * <p>
 * Public for the front ends of this library; applications have no use for it.
 */
public final class PropertyRules {

	private PropertyRules() {
	}

	/**
	 * Requires that a rule holds.
	 * @param condition whether it does
	 * @param property the property, without the prefix that all have
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
	 * Returns whether a duration is neither too short nor too long.
	 * @param value the duration
	 * @param least the shortest that is allowed
	 * @param most the longest that is allowed
	 * @return whether it is allowed
	 */
	public static boolean isBetween(Duration value, Duration least, Duration most) {
		return value.compareTo(least) >= 0 && value.compareTo(most) <= 0;
	}

}
