package io.idempotency.engine;

/**
 * Whether an {@link Execution} still runs, or how it has ended.
 */
enum ExecutionState {

	RUNS, COMPLETED, RELEASED, ABANDONED, NOT_COMMITTED

}
