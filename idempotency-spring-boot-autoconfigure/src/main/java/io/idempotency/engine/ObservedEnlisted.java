package io.idempotency.engine;

import io.idempotency.store.Enlistment.Enlisted;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Outcome;

/**
 * An enlisted record whose steps are observed.
 */
record ObservedEnlisted(Enlisted record, IdempotencyStore store, StoreObserver observer) implements Enlisted {

	@Override
	public boolean isJoined() {
		return this.record.isJoined();
	}

	@Override
	public boolean isRollbackOnly() {
		return this.record.isRollbackOnly();
	}

	@Override
	public void complete(Outcome outcome) {
		observe(StoreOperation.COMPLETE, () -> this.record.complete(outcome));
	}

	@Override
	public void release() {
		observe(StoreOperation.RELEASE, this.record::release);
	}

	/**
	 * A transaction that was joined is committed by others.
	 */
	@Override
	public void commit() {
		if (isJoined()) {
			this.record.commit();
		}
		else {
			observe(StoreOperation.COMMIT, this.record::commit);
		}
	}

	@Override
	public void rollback() {
		this.record.rollback();
	}

	private void observe(StoreOperation operation, Runnable step) {
		this.observer.observe(this.store, operation, () -> {
			step.run();
			return true;
		});
	}

}
