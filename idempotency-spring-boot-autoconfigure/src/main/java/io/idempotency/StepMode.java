package io.idempotency;

/**
 * How the work of a step and its result are committed.
 */
public enum StepMode {

	/**
	 * The result is stored after the work has been done. If the process dies in between,
	 * a later attempt does the work again, with the same {@linkplain Step#key() key}.
	 * <p>
	 * If the step runs within a transaction of its caller, the changes of the work belong
	 * to that transaction, but the stored result does not. If the transaction is rolled
	 * back, a later attempt still gets the result.
	 */
	SEPARATE,

	/**
	 * The work runs in a transaction of the store's database, which also commits the
	 * result. If the process dies at any moment, both are committed or neither. No
	 * connection is held between steps. This mode needs a store in a database
	 * ({@code idempotency.store=jdbc}).
	 */
	TRANSACTIONAL

}
