package io.idempotency.store;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

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
 * <strong>Terms.</strong> Whether a lapsed lease is taken over is decided by the terms of
 * the caller of {@link #acquire}; how long the record of a lapsed lease stays, by the
 * terms that its owner gave last. Without an {@linkplain LeaseTerms#abandonedExpiry()
 * expiry of its own} it ends with the lease.
 * <p>
 * <strong>Steps.</strong> The {@linkplain #storeStep steps} of a lease stay when it ends
 * without an outcome: the record is then free, but only for a request with a
 * {@linkplain Fingerprint#matches matching} fingerprint, which acquires it with its
 * steps. They go with the record: when it is completed, is removed, or expires.
 * <p>
 * <strong>Failure.</strong> Any {@link RuntimeException} means that the store could not
 * be asked, and that nobody knows whether the call took effect, but for three:
 * {@link UnreadableRecordException} means that there is a record which this version
 * cannot read, {@link StoreFullException} that there is no room for another one, and
 * {@link NotAcknowledgedException} that a record was acquired, but is not yet as safe as
 * the store's settings ask for. A call ends within a time that the store's settings
 * bound. Implementations are safe for use by many threads.
 * <p>
 * {@link Object#toString()} names the store and where it is, for people who read a log.
 */
public interface IdempotencyStore {

	/**
	 * Acquires the record for the lease if nobody holds it: if there is none, if it was
	 * released with steps, or if its lease lapsed and the terms let a lapsed lease be
	 * taken over. One with steps is acquired only if the fingerprints match.
	 * @param lease the lease to acquire, unique to this request
	 * @param fingerprint what the request asks for, kept with the record
	 * @param terms how long the lease lasts unless renewed, and what becomes of one that
	 * lapses
	 * @return {@link Acquisition.Acquired}, or what is there instead;
	 * {@link Acquisition.Removed} if the record was {@linkplain #remove removed} while
	 * this lease held it
	 * @throws UnreadableRecordException if what is there cannot be read
	 * @throws StoreFullException if there is no record, and no room for one
	 * @throws NotAcknowledgedException if the record was acquired, and what the store is
	 * to copy it to did not confirm that in time; the caller releases it, unless its
	 * handler already runs
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
	 * Renews many leases at once, as {@link #renew} does each of them. A store that is
	 * asked over a network should take one round trip for all, and not let what cannot be
	 * renewed delay the others. This implementation renews one after the other.
	 * @param leases the leases to renew
	 * @param terms the terms of all of them from now on
	 * @return for each lease the answer of {@link #renew}, now or later; it completes
	 * exceptionally if the store could not be asked
	 */
	default Map<Lease, CompletionStage<Boolean>> renewAll(Collection<Lease> leases, LeaseTerms terms) {
		Map<Lease, CompletionStage<Boolean>> answers = new LinkedHashMap<>();
		for (Lease lease : leases) {
			CompletableFuture<Boolean> answer = new CompletableFuture<>();
			answers.put(lease, answer);
			try {
				answer.complete(renew(lease, terms));
			}
			catch (RuntimeException ex) {
				answer.completeExceptionally(ex);
			}
		}
		return answers;
	}

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
	 * Ends a record in progress without an outcome, so that the next {@link #acquire}
	 * gets it. It is removed, unless it has {@linkplain #storeStep steps}. A completed
	 * record stays.
	 * @param lease the lease to end
	 * @return whether the lease still held the record
	 */
	boolean release(Lease lease);

	/**
	 * Keeps a step with a record in progress, in the place of those that have its
	 * position or a greater one. A lease that lapsed, but whose record is still there and
	 * was not taken over, keeps it, too; its lease stays lapsed. This implementation
	 * keeps no steps.
	 * @param lease the lease that holds the record while the handler runs
	 * @param step the step
	 * @param expiry how long the record stays if the lease ends without an outcome,
	 * counted from now
	 * @return whether the record was the lease's
	 * @throws StoreFullException if there is no room for it
	 */
	default boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
		throw new UnsupportedOperationException(getClass().getName() + " does not keep steps");
	}

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
	 * @return the record, which is {@link Acquisition.InProgress},
	 * {@link Acquisition.Abandoned} if a lease lapsed, {@link Acquisition.Resumable} if
	 * it was released with steps, or {@link Acquisition.Completed}; nothing if it is free
	 * @throws UnreadableRecordException if what is there cannot be read
	 */
	default Optional<StoredRecord> find(RecordKey key) {
		throw new UnsupportedOperationException(getClass().getName() + " does not show its records");
	}

	/**
	 * Removes a record, whoever holds it, so that the next {@link #acquire} gets it: for
	 * people who know that the operation may be repeated. A request that is still in
	 * progress loses its lease for good: for an hour at least, its own {@link #acquire}
	 * is answered {@link Acquisition.Removed}, unless another lease has acquired the
	 * record meanwhile.
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
	 * Returns how full the store is, for people who watch it. It is asked often, so it
	 * must not be costly.
	 * @return the usage, or {@code null} if the store has no bounds of its own or does
	 * not know
	 */
	default @Nullable StoreUsage usage() {
		return null;
	}

	/**
	 * Returns how many outcomes the store took, although what it is to copy them to did
	 * not confirm that in time: a failover could lose them. A claim that is not confirmed
	 * is a {@link NotAcknowledgedException} instead.
	 * @return the number since the store was made
	 */
	default long unacknowledged() {
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
