package io.idempotency.web.gate;

/**
 * How much of a response body is held back until its record is completed or released.
 *
 * @param limit the longest body that is held, in bytes
 * @param strict whether no byte may be sent before, so that a longer body is an error
 */
public record Hold(long limit, boolean strict) {

	private static final Hold NOTHING = new Hold(-1, false);

	private static final Hold NO_BODY = new Hold(0, false);

	/**
	 * Holds nothing: the response is streamed.
	 * @return a hold that lets everything through
	 */
	public static Hold nothing() {
		return NOTHING;
	}

	/**
	 * Holds a response without a body, and lets one with a body through.
	 * @return a hold that lets bodies through
	 */
	public static Hold noBody() {
		return NO_BODY;
	}

	/**
	 * Holds a body up to a length, and lets a longer one through.
	 * @param length the longest body in bytes
	 * @return the hold
	 */
	public static Hold upTo(long length) {
		return new Hold(length, false);
	}

	/**
	 * Holds everything, because no byte may be sent before the commit.
	 * @param length the longest body in bytes; a longer one is an error
	 * @return a hold that lets nothing through
	 */
	public static Hold allUpTo(long length) {
		return new Hold(length, true);
	}

	/**
	 * Returns whether a body is held.
	 * @param length the length of the body in bytes
	 * @return whether it is within the limit
	 */
	public boolean holds(long length) {
		return length <= this.limit;
	}

	/**
	 * Returns whether a body is sent without being held.
	 * @param length the length of the body in bytes
	 * @return whether it is longer than the limit, and the hold is not strict
	 */
	public boolean letsThrough(long length) {
		return !this.strict && length > this.limit;
	}

	/**
	 * Returns whether a streamed response is sent at once, without being held.
	 * @return whether the hold is not strict
	 */
	public boolean letsStreamsThrough() {
		return !this.strict;
	}

	/**
	 * Returns whether nothing is held at all.
	 * @return whether everything is let through
	 */
	public boolean isNothing() {
		return this == NOTHING;
	}

}
