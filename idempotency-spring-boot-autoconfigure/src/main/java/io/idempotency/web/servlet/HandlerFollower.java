package io.idempotency.web.servlet;

import org.jspecify.annotations.Nullable;

/**
 * Follows the handler of a first request, and tells it from those that run inside it, by
 * forwards and includes.
 */
final class HandlerFollower {

	private HandlerProgress progress = new HandlerProgress.Called();

	private int nested;

	private @Nullable Throwable nestedFailure;

	/**
	 * Returns how far the handler has come.
	 */
	HandlerProgress progress() {
		return this.progress;
	}

	/**
	 * Notes that another handler begins to work on the same response.
	 */
	void enterNested() {
		this.nested++;
	}

	/**
	 * Notes that a handler has ended.
	 * @return whether it was a nested one
	 */
	boolean leaveNested() {
		boolean wasNested = this.nested > 0;
		if (wasNested) {
			this.nested--;
		}
		return wasNested;
	}

	/**
	 * Notes that the result of an asynchronous handler is there, to be rendered in a
	 * dispatch of its own.
	 */
	void resumed(@Nullable Object result) {
		this.nested = 0;
		if (result instanceof Throwable failure) {
			failed(failure);
		}
		else {
			returned();
		}
	}

	/**
	 * Notes that the handler has returned.
	 */
	void returned() {
		if (this.nested == 0 && !(this.progress instanceof HandlerProgress.Returned)) {
			this.progress = new HandlerProgress.Returned(this.nestedFailure);
		}
	}

	/**
	 * Notes that the handler has returned no more than a promise of its answer.
	 */
	void promised() {
		if (this.nested == 0) {
			this.progress = new HandlerProgress.Called();
		}
	}

	/**
	 * Notes an exception, whoever answers it: the handler's, if it has not returned.
	 */
	void failed(Throwable failure) {
		if (this.progress instanceof HandlerProgress.Returned) {
			this.progress = new HandlerProgress.Returned(failure);
		}
		else if (this.nested > 0) {
			this.nestedFailure = failure;
		}
		else {
			this.progress = new HandlerProgress.Threw(failure);
		}
	}

}
