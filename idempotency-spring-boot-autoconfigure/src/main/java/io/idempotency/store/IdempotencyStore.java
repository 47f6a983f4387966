package io.idempotency.store;

import java.util.Optional;

/**
 * Keeps one record per idempotency key: first the {@linkplain Lease lease} of the request
 * that runs, then the {@linkplain Outcome outcome} that retries get.
 * <p>
 * <strong>Atomicity.</strong> Each method is one atomic step. Of any number of threads
 * and instances that {@link #acquire} one key at once, exactly one gets
 * {@link Acquisition.Acquired}.
 * <p>
 * <strong>Fencing.</strong> {@link #renew}, {@link #complete} and {@link #release} act
 * only on a record that carries the owner token of the given lease. An owner that was
 * paused until another took over gets {@code false} and changes nothing; that is
 * expected, not an error.
 * <p>
 * <strong>Repetition.</strong> A call whose answer was lost may be sent again: a lease
 * that holds the record acquires it again, an outcome that was stored is stored again,
 * with the answer of the first time.
 * <p>
 * <strong>Time</strong> is the store's own, so that instances need not agree on it. A
 * record that has expired is as if it were not there.
 * <p>
 * <strong>Failure.</strong> Any {@link RuntimeException} means that the store could not
 * be asked, and that nobody knows whether the call took effect.
 * {@link UnreadableRecordException} means that there is a record which this version
 * cannot read. Implementations are safe for use by many threads.
 */
public interface IdempotencyStore {

	/**
	 * Acquires the record for the lease if nobody holds it: if there is none, or if its
	 * lease lapsed and the terms let a lapsed lease be taken over.
	 * @param lease the lease to acquire, unique to this request
	 * @param fingerprint what the request asks for, kept with the record
	 * @param terms how long the lease lasts unless renewed, and what becomes of one that
	 * lapses
	 * @return {@link Acquisition.Acquired}, or what is there instead
	 * @throws UnreadableRecordException if what is there cannot be read
	 */
	Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms);

	/**
	 * Makes a lease in progress last for the terms' duration from now.
	 * @param lease the lease to renew
	 * @param terms the terms from now on
	 * @return whether the lease still held the record
	 */
	boolean renew(Lease lease, LeaseTerms terms);

	/**
	 * Stores the outcome in place of the lease. Once this returns {@code true}, every
	 * {@link #acquire} of the key is answered with the outcome until it expires. A lease
	 * that lapsed, but whose record is still there and was not taken over, completes too.
	 * @param lease the lease that held the record while the handler ran
	 * @param outcome what retries get
	 * @param expiry how long they get it, counted from now
	 * @return whether the record was the lease's
	 */
	boolean complete(Lease lease, Outcome outcome, Expiry expiry);

	/**
	 * Removes a record in progress, so that the next {@link #acquire} gets it. A
	 * completed record stays.
	 * @param lease the lease to end
	 * @return whether the lease still held the record
	 */
	boolean release(Lease lease);

	/**
	 * Runs a hint whenever the record may have changed: when another request completes or
	 * releases it, on whatever instance. A hint may come late, without reason, or not at
	 * all; whoever waits asks {@link #acquire} again after it was registered, after each
	 * hint, and now and then without one.
	 * @param key the record
	 * @param hint what to run; it must not block
	 * @return to be closed when nobody waits any more
	 */
	default Registration onChange(RecordKey key, Runnable hint) {
		return () -> {
		};
	}

	/**
	 * Looks at a record without claiming it: for people, not for requests.
	 * @param key the record
	 * @return what is there: {@link Acquisition.InProgress},
	 * {@link Acquisition.Abandoned} if a lease lapsed, {@link Acquisition.Completed}, or
	 * nothing
	 * @throws UnreadableRecordException if what is there cannot be read
	 */
	default Optional<Acquisition> find(RecordKey key) {
		throw new UnsupportedOperationException(getClass().getName() + " does not show its records");
	}

	/**
	 * Removes a record, whoever holds it, so that the next {@link #acquire} gets it: for
	 * people who know that the operation may be repeated. A request that is still in
	 * progress loses its lease.
	 * @param key the record
	 * @return whether there was one
	 */
	default boolean remove(RecordKey key) {
		throw new UnsupportedOperationException(getClass().getName() + " does not let its records be removed");
	}

	/**
	 * Removes the expired records that the store does not drop by itself.
	 * @return how many were removed
	 */
	default int purgeExpired() {
		return 0;
	}

	/**
	 * Somebody's interest in the changes of a record.
	 */
	@FunctionalInterface
	interface Registration extends AutoCloseable {

		/**
		 * Ends the interest.
		 */
		@Override
		void close();

	}

}
