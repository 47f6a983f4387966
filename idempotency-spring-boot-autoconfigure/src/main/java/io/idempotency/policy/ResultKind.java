package io.idempotency.policy;

/**
 * How a method hands its result over.
 */
public enum ResultKind {

	/**
	 * All at once, when it returns.
	 */
	SYNCHRONOUS,

	/**
	 * All at once, after it has returned.
	 */
	ASYNCHRONOUS,

	/**
	 * Bit by bit, after it has returned.
	 */
	STREAMING

}
