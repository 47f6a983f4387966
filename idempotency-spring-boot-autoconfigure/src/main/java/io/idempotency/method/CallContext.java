package io.idempotency.method;

import io.idempotency.IdempotencyContext;
import io.idempotency.engine.Execution;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import org.jspecify.annotations.Nullable;

/**
 * What the work of a call may know.
 *
 * @param key the idempotency key
 * @param recordKey where the record is
 * @param execution keeps the lease, or {@code null} if the work runs without one
 */
record CallContext(String key, RecordKey recordKey, @Nullable Execution execution) implements IdempotencyContext {

	@Override
	public boolean isRetry() {
		return false;
	}

	@Override
	public @Nullable StoredResponse storedResponse() {
		return null;
	}

	@Override
	public boolean isLeaseHeld() {
		return this.execution != null && this.execution.isLeaseHeld();
	}

	@Override
	public long fencingToken() {
		return (this.execution != null) ? this.execution.fencingToken() : 0;
	}

	@Override
	public String derivedKey(String step) {
		return this.recordKey.derivedKey(step);
	}

}
