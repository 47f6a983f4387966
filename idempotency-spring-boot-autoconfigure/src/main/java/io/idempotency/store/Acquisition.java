package io.idempotency.store;

import java.util.List;

/**
 * The result of {@link IdempotencyStore#acquire}: either the caller acquired the record,
 * or this describes the record that is already there.
 */
public sealed interface Acquisition {

	/**
	 * The record was free, and the lease now holds it.
	 *
	 * @param fencingToken the fencing token, which is based on the store's clock in
	 * microseconds. It is greater than the token of every lease that held the record
	 * before, so that a system that compares tokens can reject an owner that was
	 * replaced. A lease that acquires its record again may get a greater token
	 * @param steps the steps that are stored with the record: the steps of earlier
	 * attempts that failed or were interrupted, and the steps of this lease if it
	 * acquires its record again
	 */
	record Acquired(long fencingToken, List<StoredStep> steps) implements Acquisition {

		/**
		 * Creates the result for a record without steps.
		 * @param fencingToken the fencing token
		 */
		public Acquired(long fencingToken) {
			this(fencingToken, List.of());
		}

	}

	/**
	 * The record was removed while this lease held it, so that the operation can be
	 * repeated. The lease is lost.
	 */
	record Removed() implements Acquisition {
	}

	/**
	 * Another lease holds the record.
	 *
	 * @param fingerprint the fingerprint of the request that holds the record
	 * @param steps the steps that this request has taken;
	 * {@link IdempotencyStore#acquire} may leave them out
	 */
	record InProgress(Fingerprint fingerprint, List<StoredStep> steps) implements Acquisition {

		/**
		 * Creates the result without steps.
		 * @param fingerprint the fingerprint of the request that holds the record
		 */
		public InProgress(Fingerprint fingerprint) {
			this(fingerprint, List.of());
		}

	}

	/**
	 * Earlier attempts failed or were interrupted, and their steps are stored. Only a
	 * request with a matching fingerprint may continue with these steps:
	 * {@link IdempotencyStore#acquire} returns this result to a request with another
	 * fingerprint.
	 *
	 * @param fingerprint the fingerprint of the earlier attempts
	 * @param steps the steps that these attempts have taken;
	 * {@link IdempotencyStore#acquire} may leave them out
	 */
	record Resumable(Fingerprint fingerprint, List<StoredStep> steps) implements Acquisition {

		/**
		 * Creates the result without steps.
		 * @param fingerprint the fingerprint of the earlier attempts
		 */
		public Resumable(Fingerprint fingerprint) {
			this(fingerprint, List.of());
		}

	}

	/**
	 * An earlier request ended with an outcome.
	 *
	 * @param fingerprint the fingerprint of that request
	 * @param outcome the outcome of that request
	 */
	record Completed(Fingerprint fingerprint, Outcome outcome) implements Acquisition {
	}

	/**
	 * The lease of an earlier request lapsed before the request ended, and the terms do
	 * not allow another request to take it over.
	 *
	 * @param fingerprint the fingerprint of that request
	 * @param steps the steps that this request has taken;
	 * {@link IdempotencyStore#acquire} may leave them out
	 */
	record Abandoned(Fingerprint fingerprint, List<StoredStep> steps) implements Acquisition {

		/**
		 * Creates the result without steps.
		 * @param fingerprint the fingerprint of that request
		 */
		public Abandoned(Fingerprint fingerprint) {
			this(fingerprint, List.of());
		}

	}

}
