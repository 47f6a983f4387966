package io.idempotency.testing;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;

/**
 * A store that a test may take away and give back.
 */
public final class BreakableStore extends DelegatingStore {

	private volatile boolean away;

	public BreakableStore(IdempotencyStore store) {
		super(store);
	}

	public void away(boolean away) {
		this.away = away;
	}

	@Override
	public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		if (this.away) {
			throw new IllegalStateException("The store is away");
		}
		return super.acquire(lease, fingerprint, terms);
	}

}
