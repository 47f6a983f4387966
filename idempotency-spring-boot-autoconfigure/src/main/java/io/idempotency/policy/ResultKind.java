package io.idempotency.policy;

/**
 * How a method returns its result.
 */
public enum ResultKind {

	/**
	 * The result is complete when the method returns.
	 */
	SYNCHRONOUS,

	/**
	 * The result is complete some time after the method has returned.
	 */
	ASYNCHRONOUS,

	/**
	 * The result is streamed in parts after the method has returned.
	 */
	STREAMING

}
