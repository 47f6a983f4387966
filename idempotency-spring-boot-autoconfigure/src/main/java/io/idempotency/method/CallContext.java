package io.idempotency.method;

import java.lang.reflect.Type;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

import io.idempotency.IdempotencyContext;
import io.idempotency.StepMode;
import io.idempotency.StepWork;
import io.idempotency.engine.Execution;
import io.idempotency.step.StepRules;
import io.idempotency.step.Steps;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import org.jspecify.annotations.Nullable;

/**
 * The {@link IdempotencyContext} of a call.
 *
 * @param key the idempotency key
 * @param recordKey the key of the record
 * @param held whether this call still holds the record
 * @param token the fencing token, or 0 if there is none
 * @param steps takes the steps of the call
 */
record CallContext(String key, RecordKey recordKey, BooleanSupplier held, LongSupplier token,
		Steps steps) implements IdempotencyContext {

	private static final Steps NO_STEPS = Steps
		.refused("the call has its record in the same transaction as its work, so a"
				+ " rollback would lose the steps; remove transactional, and call the method outside of transactions");

	/**
	 * Returns the context of work that is protected by a lease.
	 */
	static CallContext withLease(Call call, Execution execution, StepRules rules) {
		return new CallContext(call.key(), call.recordKey(), execution::isLeaseHeld, execution::fencingToken,
				rules.begin(execution, call.policy()));
	}

	/**
	 * Returns the context of work that runs in the same transaction as its record. There
	 * is no lease that could be lost, and no other owner before the transaction ends.
	 */
	static CallContext inTransaction(Call call, BooleanSupplier notEnded) {
		return new CallContext(call.key(), call.recordKey(), notEnded, () -> 0, NO_STEPS);
	}

	/**
	 * Returns the context of work that runs unprotected, because the store does not
	 * answer.
	 */
	static CallContext unprotected(Call call) {
		return new CallContext(call.key(), call.recordKey(), () -> false, () -> 0, Steps.unprotected());
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

	@Override
	public <T extends @Nullable Object, E extends Throwable> T step(String name, Type type, @Nullable StepMode mode,
			StepWork<T, E> work) throws E {
		return this.steps.take(this, name, type, mode, work);
	}

}
