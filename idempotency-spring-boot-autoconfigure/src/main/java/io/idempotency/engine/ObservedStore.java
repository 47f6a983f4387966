package io.idempotency.engine;

import java.util.function.Consumer;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.TransactionalIdempotencyStore;
import io.idempotency.store.TransactionalIdempotencyStore.Transaction;

/**
 * A store whose calls are watched.
 */
record ObservedStore(IdempotencyStore store, StoreObserver observer) {

	Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		return this.observer.observe(this.store, StoreOperation.ACQUIRE,
				() -> this.store.acquire(lease, fingerprint, terms));
	}

	boolean renew(Lease lease, LeaseTerms terms) {
		return this.observer.observe(this.store, StoreOperation.RENEW, () -> this.store.renew(lease, terms));
	}

	boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		return this.observer.observe(this.store, StoreOperation.COMPLETE,
				() -> this.store.complete(lease, outcome, expiry));
	}

	boolean release(Lease lease) {
		return this.observer.observe(this.store, StoreOperation.RELEASE, () -> this.store.release(lease));
	}

	/**
	 * Begins a transaction.
	 * @param begun gets it at once, whatever the observer does afterwards
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

}
