package io.idempotency.history;

/**
 * What a store says.
 */
sealed interface Answer {

	/**
	 * The caller has acquired the record.
	 */
	record Acquired(long token) implements Answer {
	}

	/**
	 * The record is somebody's.
	 *
	 * @param state what has become of it
	 * @param owner whose claim or outcome it is
	 */
	record Seen(State state, int owner) implements Answer {
	}

	/**
	 * There is no record.
	 */
	record Free() implements Answer {
	}

	/**
	 * The record of the caller was removed.
	 */
	record Removed() implements Answer {
	}

	/**
	 * The record was, or was not, renewed, completed, released or removed.
	 */
	record Done(boolean done) implements Answer {
	}

	/**
	 * No answer came. Nobody knows whether the call took effect, or will.
	 */
	record Unknown() implements Answer {
	}

	/**
	 * The states of a record that is there.
	 */
	enum State {

		IN_PROGRESS, ABANDONED, COMPLETED

	}

}
