package io.idempotency.engine;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.NotAcknowledgedException;
import io.idempotency.store.Outcome;
import io.idempotency.store.StoreFullException;
import io.idempotency.store.StoredStep;
import io.idempotency.store.TransactionalIdempotencyStore;
import io.idempotency.store.TransactionalIdempotencyStore.Transaction;
import io.idempotency.store.UnreadableRecordException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Calls a store through an observer, and reports its answers and failures to the
 * {@link StoreHealth}.
 */
record GuardedStore(IdempotencyStore store, StoreObserver observer, StoreHealth health) {

	private static final Log logger = LogFactory.getLog(GuardedStore.class);

	Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		return call(StoreOperation.ACQUIRE, () -> this.store.acquire(lease, fingerprint, terms));
	}

	boolean renew(Lease lease, LeaseTerms terms) {
		return call(StoreOperation.RENEW, () -> this.store.renew(lease, terms));
	}

	/**
	 * Renews many leases. The answers for the single leases come later and are not
	 * reported here.
	 */
	Map<Lease, CompletionStage<Boolean>> renewAll(Collection<Lease> leases, LeaseTerms terms) {
		return this.observer.observe(this.store, StoreOperation.RENEW, () -> this.store.renewAll(leases, terms));
	}

	boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		return call(StoreOperation.COMPLETE, () -> this.store.complete(lease, outcome, expiry));
	}

	boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
		return call(StoreOperation.STEP, () -> this.store.storeStep(lease, step, expiry));
	}

	boolean commit(Transaction transaction, Lease lease, StoredStep step, Expiry expiry) {
		return this.observer.observe(this.store, StoreOperation.STEP, () -> transaction.storeStep(lease, step, expiry));
	}

	boolean release(Lease lease) {
		return call(StoreOperation.RELEASE, () -> this.store.release(lease));
	}

	/**
	 * Releases a claim that was probably released before. A failure says nothing new
	 * about the store.
	 */
	void releaseIfPossible(Lease lease) {
		try {
			this.store.release(lease);
		}
		catch (RuntimeException ex) {
			logger.debug("The claim of record " + lease.key() + " was not released again", ex);
		}
	}

	/**
	 * Begins a transaction.
	 * @param begun receives the transaction at once, even if the observer fails
	 * afterwards
	 */
	void begin(Consumer<Transaction> begun) {
		TransactionalIdempotencyStore transactions = (TransactionalIdempotencyStore) this.store;
		this.observer.observe(this.store, StoreOperation.BEGIN, () -> {
			begun.accept(transactions.begin());
			return true;
		});
	}

	boolean commit(Transaction transaction, Lease lease, Outcome outcome, Expiry expiry) {
		return this.observer.observe(this.store, StoreOperation.COMMIT,
				() -> transaction.complete(lease, outcome, expiry));
	}

	boolean commitReleased(Transaction transaction, Lease lease) {
		return this.observer.observe(this.store, StoreOperation.COMMIT, () -> transaction.release(lease));
	}

	private <T> T call(StoreOperation operation, Supplier<T> call) {
		long asked = this.health.nanoTime();
		T answer;
		try {
			answer = this.observer.observe(this.store, operation, call);
		}
		catch (UnreadableRecordException | StoreFullException ex) {
			this.health.answered(asked);
			throw ex;
		}
		catch (NotAcknowledgedException ex) {
			// The store answers. That replicas did not confirm is not its failure.
			this.health.answers();
			throw ex;
		}
		catch (RuntimeException ex) {
			if (operation == StoreOperation.ACQUIRE) {
				this.health.failed(asked, ex);
			}
			else {
				this.health.suspect();
			}
			throw ex;
		}
		this.health.answered(asked);
		return answer;
	}

}
