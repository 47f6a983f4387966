package io.idempotency.history;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A promise that was not kept, and the calls that show it.
 */
record Violation(Promise promise, List<Call> calls) {

	@Override
	public String toString() {
		long origin = this.calls.get(0).start();
		return this.promise + this.calls.stream()
			.map((call) -> "%n  %8.3f to %8.3f ms: %s of record %s by %s: %s".formatted((call.start() - origin) / 1e6,
					(call.end() - origin) / 1e6, call.kind(), call.key(), call.owner(), call.answer()))
			.collect(Collectors.joining());
	}

	/**
	 * What a store promises.
	 */
	enum Promise {

		/**
		 * While a lease has not lapsed, no other one holds the record.
		 */
		ONE_OWNER_AT_A_TIME,

		/**
		 * While a lease has not lapsed, everybody sees the record in progress.
		 */
		LEASE_LASTS,

		/**
		 * A lease that was not renewed lapses.
		 */
		LEASE_LAPSES,

		/**
		 * A later owner has a greater fencing token.
		 */
		TOKENS_GROW,

		/**
		 * Who has lost the record, or never had it, does not renew, complete or release
		 * it.
		 */
		ONLY_OWNER_CHANGES,

		/**
		 * A record that is completed stays so, with its outcome, until it is removed.
		 */
		OUTCOME_STAYS,

		/**
		 * A claim or an outcome that was removed is seen no more, and the owner of the
		 * claim does not acquire the record again before another has.
		 */
		REMOVED_IS_GONE,

		/**
		 * Claims, outcomes and removals are those that somebody asked for.
		 */
		NOTHING_IS_MADE_UP,

		/**
		 * In the end the record is completed, for everybody.
		 */
		ENDS_COMPLETED

	}

}
