package io.idempotency.policy;

import io.idempotency.StepMode;
import io.idempotency.store.Expiry;
import io.idempotency.store.IdempotencyStore;

/**
 * How a method is protected.
 *
 * @param keyRequired whether a call without a key is refused
 * @param manual whether the method also runs for a retry
 * @param streaming whether the method streams its result, which is therefore never stored
 * @param expiry how long results are kept
 * @param store the store for the records
 * @param transactional whether the store commits the work of the method together with its
 * outcome
 * @param stepMode how steps are stored
 * @param version the version of the steps
 */
public record ProtectionPolicy(boolean keyRequired, boolean manual, boolean streaming, Expiry expiry,
		IdempotencyStore store, boolean transactional, StepMode stepMode, String version) {

}
