package io.idempotency.testing;

import java.util.Optional;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredStep;

/**
 * Leaves all to another store but what a test changes. Many leases are renewed one by
 * one, so that a test which changes {@code renew} changes that, too.
 */
public abstract class DelegatingStore implements IdempotencyStore {

	private final IdempotencyStore store;

	protected DelegatingStore(IdempotencyStore store) {
		this.store = store;
	}

	@Override
	public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		return this.store.acquire(lease, fingerprint, terms);
	}

	@Override
	public boolean renew(Lease lease, LeaseTerms terms) {
		return this.store.renew(lease, terms);
	}

	@Override
	public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		return this.store.complete(lease, outcome, expiry);
	}

	@Override
	public boolean release(Lease lease) {
		return this.store.release(lease);
	}

	@Override
	public boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
		return this.store.storeStep(lease, step, expiry);
	}

	@Override
	public Registration onChange(RecordKey key, Runnable hint) {
		return this.store.onChange(key, hint);
	}

	@Override
	public Optional<StoredRecord> find(RecordKey key) {
		return this.store.find(key);
	}

	@Override
	public boolean remove(RecordKey key) {
		return this.store.remove(key);
	}

}
