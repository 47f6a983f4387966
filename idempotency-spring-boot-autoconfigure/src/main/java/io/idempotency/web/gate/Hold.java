package io.idempotency.web.gate;

/**
 * How much of a response body is held back until it is settled what becomes of the
 * record.
 *
 * @param limit the longest body that is held
 */
public record Hold(long limit) {

	private static final Hold NOTHING = new Hold(-1);

	private static final Hold NO_BODY = new Hold(0);

	private static final Hold ALL = new Hold(Long.MAX_VALUE);

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
		return new Hold(length);
	}

	/**
	 * Holds everything, however long: nothing may leave before a commit.
	 * @return a hold that lets nothing through
	 */
	public static Hold all() {
		return ALL;
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
	 * Returns whether a response that comes bit by bit is let through at once.
	 * @return whether it is, since it need not be complete
	 */
	public boolean letsStreamsThrough() {
		return this != ALL;
	}

	/**
	 * Returns whether nothing is held at all.
	 * @return whether everything is let through
	 */
	public boolean isNothing() {
		return this == NOTHING;
	}

}
