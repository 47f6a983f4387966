package io.idempotency.engine;

import io.idempotency.store.Enlistment.Enlisted;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Outcome;

/**
 * An enlisted record whose operations are observed.
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
	 * Commits the transaction. The commit is observed only if the transaction was begun
	 * for the record: a joined transaction is committed by the code that has begun it.
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
