package io.idempotency.method;

import java.util.function.BooleanSupplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import org.jspecify.annotations.Nullable;

/**
 * What the work of a call may know that runs in the transaction that has its record.
 * There is no lease to lose, and no owner that could follow before the transaction ends.
 *
 * @param key the idempotency key
 * @param recordKey where the record is
 * @param inTransaction whether the transaction has not ended
 */
record InboxContext(String key, RecordKey recordKey, BooleanSupplier inTransaction) implements IdempotencyContext {

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
		return this.inTransaction.getAsBoolean();
	}

	@Override
	public long fencingToken() {
		return 0;
	}

	@Override
	public String derivedKey(String step) {
		return this.recordKey.derivedKey(step);
	}

}
