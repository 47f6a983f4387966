package io.idempotency.web.gate;

/**
 * How much of a response body is held back until it is settled what becomes of the
 * record.
 *
 * @param limit the longest body that is held
 * @param strict whether nothing may leave, so that a longer body is an error
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
	 * Holds everything, since nothing may leave before a commit.
	 * @param length the longest body in bytes; a longer one is an error
	 * @return a hold that lets nothing through
	 */
	public static Hold allUpTo(long length) {
		return new Hold(length, true);
	}

	/**
	 * Returns whether a body is held.
	 * @param length its length in bytes
	 * @return whether it is within the limit
	 */
	public boolean holds(long length) {
		return length <= this.limit;
	}

	/**
	 * Returns whether a body is let through.
	 * @param length its length in bytes
	 * @return whether it is longer than what is held, and may be
	 */
	public boolean letsThrough(long length) {
		return !this.strict && length > this.limit;
	}

	/**
	 * Returns whether a response that comes bit by bit is let through at once.
	 * @return whether it is, since it need not be complete
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
