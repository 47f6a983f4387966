package io.idempotency.method;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

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
 * @param held whether the record is this call's
 * @param token the fencing token, or 0 if there is none
 */
record CallContext(String key, RecordKey recordKey, BooleanSupplier held,
		LongSupplier token) implements IdempotencyContext {

	private static final BooleanSupplier NOT_HELD = () -> false;

	private static final LongSupplier NO_TOKEN = () -> 0;

	/**
	 * Returns the context of work that a lease protects.
	 */
	static CallContext withLease(Call call, Execution execution) {
		return new CallContext(call.key(), call.recordKey(), execution::isLeaseHeld, execution::fencingToken);
	}

	/**
	 * Returns the context of work in the transaction that has its record. There is no
	 * lease to lose, and no owner that could follow before the transaction ends.
	 */
	static CallContext inTransaction(Call call, BooleanSupplier notEnded) {
		return new CallContext(call.key(), call.recordKey(), notEnded, NO_TOKEN);
	}

	/**
	 * Returns the context of work that runs although the store does not answer.
	 */
	static CallContext unprotected(Call call) {
		return new CallContext(call.key(), call.recordKey(), NOT_HELD, NO_TOKEN);
	}

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
		return this.held.getAsBoolean();
	}

	@Override
	public long fencingToken() {
		return this.token.getAsLong();
	}

	@Override
	public String derivedKey(String step) {
		return this.recordKey.derivedKey(step);
	}

}
