package io.idempotency.store;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

/**
 * Stores one record per idempotency key: first the {@linkplain Lease lease} of the
 * running request, then the {@linkplain Outcome outcome} that retries get.
 * <p>
 * <strong>Atomicity.</strong> Each method is atomic. If any number of threads and
 * instances call {@link #acquire} for a key at the same time, exactly one of them gets
 * {@link Acquisition.Acquired}.
 * <p>
 * <strong>Fencing.</strong> {@link #renew}, {@link #complete} and {@link #release} change
 * a record only if it has the owner token of the given lease. An owner that was paused
 * until another request took over gets {@code false} and changes nothing. This is
 * expected and not an error.
 * <p>
 * <strong>Repetition.</strong> A call whose answer was lost may be repeated: a lease that
 * holds the record acquires it again, and an outcome that was stored is stored again.
 * Both succeed as they did the first time.
 * <p>
 * <strong>Time.</strong> The store uses its own clock, so the clocks of instances may
 * differ. An expired record is treated as if it did not exist.
 * <p>
 * <strong>Terms.</strong> The terms passed to {@link #acquire} decide whether a lapsed
 * lease may be taken over. The terms that the owner passed last decide how long the
 * record of its lapsed lease is kept. Without an {@linkplain LeaseTerms#abandonedExpiry()
 * abandoned expiry}, the record expires with the lease.
 * <p>
 * <strong>Steps.</strong> The {@linkplain #storeStep steps} of a lease are kept if the
 * lease ends without an outcome. The record is then free, but only a request with a
 * {@linkplain Fingerprint#matches matching} fingerprint can acquire it, together with its
 * steps. The steps are deleted when the record is completed, is removed, or expires.
 * <p>
 * <strong>Failure.</strong> Any {@link RuntimeException} means that the store did not
 * answer and that it is unknown whether the call took effect. There are three special
 * cases. {@link UnreadableRecordException} means that there is a record that this version
 * cannot read. {@link StoreFullException} means that there is no room for another record.
 * {@link NotAcknowledgedException} means that the record was acquired, but was not copied
 * as the store's settings require. The store's settings limit how long a call takes.
 * <p>
 * <strong>Threads.</strong> Implementations must be thread-safe.
 * <p>
 * {@link Object#toString()} returns the name and the location of the store, for log
 * messages.
 */
public interface IdempotencyStore {

	/**
	 * Acquires the record for the lease if no other request holds it. This is the case if
	 * there is no record, if it was released with steps, or if its lease lapsed and the
	 * terms allow a lapsed lease to be taken over. A record with steps is acquired only
	 * if the fingerprints match.
	 * @param lease the lease to acquire, unique to this request
	 * @param fingerprint the fingerprint of the request, which is stored with the record
	 * @param terms how long the lease lasts unless it is renewed, and what happens when
	 * it lapses
	 * @return {@link Acquisition.Acquired}, or the state of the existing record;
	 * {@link Acquisition.Removed} if the record was {@linkplain #remove removed} while
	 * this lease held it
	 * @throws UnreadableRecordException if the existing record cannot be read
	 * @throws StoreFullException if there is no record, and no room for one
	 * @throws NotAcknowledgedException if the record was acquired, but too few copies
	 * were confirmed in time; the caller releases the record, unless its handler already
	 * runs
	 */
	Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms);

	/**
	 * Renews a lease in progress: it lasts for the duration of the terms, counted from
	 * now.
	 * @param lease the lease to renew
	 * @param terms the new terms of the lease
	 * @return whether the lease still held the record
	 */
	boolean renew(Lease lease, LeaseTerms terms);

	/**
	 * Renews many leases, each as {@link #renew} does. A store on the network should
	 * renew all of them in one round trip, and a lease that cannot be renewed should not
	 * delay the others. The default implementation renews one lease after the other.
	 * @param leases the leases to renew
	 * @param terms the new terms of all leases
	 * @return for each lease the result of {@link #renew}, which may be completed later;
	 * it completes exceptionally if the store did not answer
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
	 * Replaces the lease with the outcome. Once this method returns {@code true}, every
	 * {@link #acquire} of the key returns the outcome until it expires. A lease that
	 * lapsed can still complete its record, if the record exists and was not taken over.
	 * @param lease the lease that held the record while the handler ran
	 * @param outcome what retries get
	 * @param expiry how long the outcome is kept, counted from now
	 * @return whether the record belonged to the lease
	 */
	boolean complete(Lease lease, Outcome outcome, Expiry expiry);

	/**
	 * Ends a lease in progress without an outcome, so that the next {@link #acquire} gets
	 * the record. The record is removed, unless it has {@linkplain #storeStep steps}. A
	 * completed record is not changed.
	 * @param lease the lease to end
	 * @return whether the lease still held the record
	 */
	boolean release(Lease lease);

	/**
	 * Stores a step with a record in progress. It replaces the steps with the same or a
	 * greater position. A lease that lapsed can still store a step, if its record exists
	 * and was not taken over; the lease remains lapsed. The default implementation does
	 * not support steps.
	 * @param lease the lease that holds the record while the handler runs
	 * @param step the step
	 * @param expiry how long the record is kept if the lease ends without an outcome,
	 * counted from now
	 * @return whether the record belonged to the lease
	 * @throws StoreFullException if there is no room for the step
	 */
	default boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
		throw new UnsupportedOperationException(getClass().getName() + " does not keep steps");
	}

	/**
	 * Registers a hint that runs when the record may have changed, because a request on
	 * any instance completed or released it. A hint may run late, without a change, or
	 * not at all. Callers must therefore call {@link #acquire} again after the
	 * registration, after each hint, and from time to time without one.
	 * @param key the record
	 * @param hint what to run; it must not block
	 * @return the registration, which the caller closes when it no longer waits
	 */
	default Registration onChange(RecordKey key, Runnable hint) {
		return () -> {
		};
	}

	/**
	 * Returns the state of a record without acquiring it. This is meant for operators and
	 * not for requests.
	 * @param key the record
	 * @return the record, whose content is {@link Acquisition.InProgress},
	 * {@link Acquisition.Abandoned} if a lease lapsed, {@link Acquisition.Resumable} if
	 * it was released with steps, or {@link Acquisition.Completed}; empty if there is no
	 * record
	 * @throws UnreadableRecordException if the record cannot be read
	 */
	default Optional<StoredRecord> find(RecordKey key) {
		throw new UnsupportedOperationException(getClass().getName() + " does not show its records");
	}

	/**
	 * Removes a record even if a request holds it, so that the next {@link #acquire} gets
	 * it. This is meant for operators who know that the operation may be repeated. A
	 * request that is still in progress loses its lease permanently: for at least an
	 * hour, {@link #acquire} returns {@link Acquisition.Removed} to this lease, unless
	 * another lease has acquired the record.
	 * @param key the record
	 * @return whether there was a record
	 */
	default boolean remove(RecordKey key) {
		throw new UnsupportedOperationException(getClass().getName() + " does not let its records be removed");
	}

	/**
	 * Removes expired records, if the store does not remove them automatically.
	 * @return the number of records that were removed
	 */
	default int purgeExpired() {
		return 0;
	}

	/**
	 * Returns how full the store is, for monitoring. This method is called often and must
	 * be cheap.
	 * @return the usage, or {@code null} if the store has no bounds or does not know its
	 * usage
	 */
	default @Nullable StoreUsage usage() {
		return null;
	}

	/**
	 * Returns the number of outcomes that were stored although too few copies were
	 * confirmed in time. A failover could lose them. For a record that is acquired
	 * without enough confirmations, {@link #acquire} throws a
	 * {@link NotAcknowledgedException} instead.
	 * @return the number since the store was created
	 */
	default long unacknowledged() {
		return 0;
	}

	/**
	 * A registration for changes of a record.
	 */
	@FunctionalInterface
	interface Registration extends AutoCloseable {

		/**
		 * Ends the registration.
		 */
		@Override
		void close();

	}

}
