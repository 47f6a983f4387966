package io.idempotency.history;

/**
 * A call to the store, and its answer.
 *
 * @param kind what was asked for
 * @param key which record
 * @param owner whose lease, or 0 if the call has none
 * @param start when it was made, by {@link System#nanoTime()}
 * @param end when it was answered or given up
 * @param answer what came of it
 */
record Call(Kind kind, int key, int owner, long start, long end, Answer answer) {

	/**
	 * Returns whether it may take effect after a time. A call that was given up may be
	 * carried out whenever its message arrives.
	 */
	boolean mayActAfter(long time) {
		return this.answer instanceof Answer.Unknown || this.end > time;
	}

	/**
	 * Returns whether the call has shown that its lease held the record.
	 */
	boolean showsLease() {
		return this.answer instanceof Answer.Acquired || (this.kind == Kind.RENEW && isDone());
	}

	boolean isDone() {
		return this.answer instanceof Answer.Done done && done.done();
	}

	/**
	 * What is asked for.
	 */
	enum Kind {

		ACQUIRE, RENEW, COMPLETE, RELEASE, REMOVE, FIND

	}

}
