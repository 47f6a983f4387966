package io.idempotency.engine;

/**
 * Counts the effects of a store outage on requests, so that one log line can report them
 * when the outage is over.
 */
final class OutageReport {

	private long refused;

	private long kept;

	private long settled;

	private long givenUp;

	/**
	 * Counts a request that could not use the store.
	 */
	synchronized void refused() {
		this.refused++;
	}

	/**
	 * Counts an outcome that the store did not accept and that is kept in memory.
	 */
	synchronized void kept() {
		this.kept++;
	}

	/**
	 * Counts a kept outcome that was sent again and that the store has answered.
	 */
	synchronized void settled() {
		this.settled++;
	}

	/**
	 * Counts a kept outcome that was given up.
	 */
	synchronized void givenUp() {
		this.givenUp++;
	}

	/**
	 * Resets the counters at the start of an outage. Outcomes that are still kept count
	 * as part of the outage.
	 */
	synchronized void begin() {
		this.kept -= this.settled + this.givenUp;
		this.refused = 0;
		this.settled = 0;
		this.givenUp = 0;
	}

	/**
	 * Returns the counters as text, and resets them.
	 */
	synchronized String end() {
		String requests = this.refused + " requests could not use it meanwhile";
		String outcomes = "; " + this.kept + " outcomes were kept for it: " + this.settled + " are settled, "
				+ (this.kept - this.settled - this.givenUp) + " wait, " + this.givenUp + " were given up";
		String told = (this.kept > 0) ? requests + outcomes : requests;
		begin();
		return told;
	}

}
