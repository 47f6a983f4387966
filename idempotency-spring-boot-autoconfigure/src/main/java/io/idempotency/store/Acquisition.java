package io.idempotency.store;

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
	 */
	record Acquired(long fencingToken) implements Acquisition {
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
	 */
	record InProgress(Fingerprint fingerprint) implements Acquisition {
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
	 */
	record Abandoned(Fingerprint fingerprint) implements Acquisition {
	}

}
