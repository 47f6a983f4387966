package io.idempotency.store;

import java.util.List;

/**
 * The answer of {@link IdempotencyStore#acquire}: the record is the caller's, or this is
 * what is there.
 */
public sealed interface Acquisition {

	/**
	 * The record was free, and the lease holds it now.
	 *
	 * @param fencingToken greater than that of every lease that held the record before,
	 * so that a system which compares tokens can refuse an owner that was replaced: the
	 * store's clock in microseconds. A lease that acquires its record again may get a
	 * greater one.
	 * @param steps the steps that are kept with the record: those of earlier attempts
	 * that failed or were cut off, and of this lease itself if it acquires its record
	 * again
	 */
	record Acquired(long fencingToken, List<StoredStep> steps) implements Acquisition {

		/**
		 * Creates the answer for a record without steps.
		 * @param fencingToken the token
		 */
		public Acquired(long fencingToken) {
			this(fencingToken, List.of());
		}

	}

	/**
	 * The record was removed while this very lease held it, by somebody who wants the
	 * operation to be repeated. The lease is lost.
	 */
	record Removed() implements Acquisition {
	}

	/**
	 * Another lease holds the record.
	 *
	 * @param fingerprint what the request that holds it asked for
	 * @param steps the steps that it has taken; {@link IdempotencyStore#acquire} need not
	 * tell them
	 */
	record InProgress(Fingerprint fingerprint, List<StoredStep> steps) implements Acquisition {

		/**
		 * Creates the answer without steps.
		 * @param fingerprint what the request asked for
		 */
		public InProgress(Fingerprint fingerprint) {
			this(fingerprint, List.of());
		}

	}

	/**
	 * Earlier attempts have failed or were cut off, and what they did in steps is kept.
	 * Only the same request may go on with them: {@link IdempotencyStore#acquire} gives
	 * this answer to a request that asks for something else.
	 *
	 * @param fingerprint what those attempts asked for
	 * @param steps the steps that they have taken; {@link IdempotencyStore#acquire} need
	 * not tell them
	 */
	record Resumable(Fingerprint fingerprint, List<StoredStep> steps) implements Acquisition {

		/**
		 * Creates the answer without steps.
		 * @param fingerprint what the attempts asked for
		 */
		public Resumable(Fingerprint fingerprint) {
			this(fingerprint, List.of());
		}

	}

	/**
	 * An earlier request has ended with an outcome.
	 *
	 * @param fingerprint what that request asked for
	 * @param outcome what it ended with
	 */
	record Completed(Fingerprint fingerprint, Outcome outcome) implements Acquisition {
	}

	/**
	 * An earlier request's lease lapsed before the request ended, and the terms do not
	 * let it be taken over.
	 *
	 * @param fingerprint what that request asked for
	 * @param steps the steps that it has taken; {@link IdempotencyStore#acquire} need not
	 * tell them
	 */
	record Abandoned(Fingerprint fingerprint, List<StoredStep> steps) implements Acquisition {

		/**
		 * Creates the answer without steps.
		 * @param fingerprint what that request asked for
		 */
		public Abandoned(Fingerprint fingerprint) {
			this(fingerprint, List.of());
		}

	}

}
