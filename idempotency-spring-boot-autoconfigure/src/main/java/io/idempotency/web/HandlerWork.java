package io.idempotency.web;

import org.jspecify.annotations.Nullable;

/**
 * The work of one handler that is to be committed together with its response.
 */
final class HandlerWork {

	private final Object handler;

	private final CommitFailures failures;

	private boolean returned;

	private boolean ended;

	private @Nullable RuntimeException failure;

	/**
	 * Creates the work of a handler that is about to run.
	 * @param handler the handler; those that it forwards to or includes are others
	 * @param failures answers for work that is not committed
	 */
	HandlerWork(Object handler, CommitFailures failures) {
		this.handler = handler;
		this.failures = failures;
	}

	/**
	 * Learns that a handler has returned without an exception.
	 */
	void returned(Object handler) {
		this.returned |= this.handler == handler;
	}

	/**
	 * Returns whether it is this work that ends now.
	 */
	boolean endsWith(Object handler) {
		return this.handler == handler;
	}

	boolean hasReturned() {
		return this.returned;
	}

	boolean hasEnded() {
		return this.ended;
	}

	/**
	 * Learns that the transaction is over.
	 * @param failure why the handler's answer does not stand, or {@code null}
	 */
	void end(@Nullable RuntimeException failure) {
		this.ended = true;
		this.failure = failure;
	}

	/**
	 * Returns, once, why the handler's answer does not stand.
	 */
	@Nullable RuntimeException takeFailure() {
		RuntimeException taken = this.failure;
		this.failure = null;
		return taken;
	}

	CommitFailures failures() {
		return this.failures;
	}

}
