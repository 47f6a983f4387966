package io.idempotency.engine;

/**
 * Counts what an outage of a store does to requests, so that one line of the log can tell
 * it when the outage is over.
 */
final class OutageReport {

	private long refused;

	private long kept;

	private long settled;

	private long givenUp;

	/**
	 * Counts a request that was not answered, or did not ask.
	 */
	synchronized void refused() {
		this.refused++;
	}

	/**
	 * Counts an outcome that the store did not take.
	 */
	synchronized void kept() {
		this.kept++;
	}

	/**
	 * Counts an outcome that was kept, and that the store has answered to since.
	 */
	synchronized void settled() {
		this.settled++;
	}

	/**
	 * Counts an outcome that was kept, and is so no more.
	 */
	synchronized void givenUp() {
		this.givenUp++;
	}

	/**
	 * Forgets what was before an outage. Outcomes that are kept are a part of it.
	 */
	synchronized void begin() {
		this.kept -= this.settled + this.givenUp;
		this.refused = 0;
		this.settled = 0;
		this.givenUp = 0;
	}

	/**
	 * Tells what was counted, and begins anew.
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
