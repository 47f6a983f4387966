package io.idempotency.policy;

import io.idempotency.StepMode;
import io.idempotency.store.Expiry;
import io.idempotency.store.IdempotencyStore;

/**
 * How a method is protected.
 *
 * @param keyRequired whether a call without a key is refused
 * @param manual whether the method runs for a retry, too
 * @param streaming whether the method hands its result over bit by bit, so that it is
 * never stored
 * @param expiry how long its results are kept
 * @param store what keeps them
 * @param transactional whether the method's work is committed together with its outcome,
 * by the store
 * @param stepMode how its steps are kept
 * @param version the version of its steps
 */
public record ProtectionPolicy(boolean keyRequired, boolean manual, boolean streaming, Expiry expiry,
		IdempotencyStore store, boolean transactional, StepMode stepMode, String version) {

}
