package io.idempotency;

/**
 * How the work of a step and its result are kept.
 */
public enum StepMode {

	/**
	 * The result is kept when the work has been done. A crash between the two lets a
	 * later attempt do the work again, with the same {@linkplain Step#key() key}.
	 * <p>
	 * Within a transaction of the caller, what the work writes belongs to that
	 * transaction, and the result does not: if the transaction is rolled back, a later
	 * attempt gets the result all the same.
	 */
	SEPARATE,

	/**
	 * The work runs in a transaction of the store's database that commits the result,
	 * too: after a crash at any moment, the step was taken or not at all. Between steps
	 * no connection is held. It needs a store in a database
	 * ({@code idempotency.store=jdbc}).
	 */
	TRANSACTIONAL

}
