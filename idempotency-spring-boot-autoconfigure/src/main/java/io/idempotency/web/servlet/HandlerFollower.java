package io.idempotency.web.servlet;

import org.jspecify.annotations.Nullable;

/**
 * Follows the handler of a first request. It distinguishes this handler from those that
 * are called inside it by forwards and includes.
 */
final class HandlerFollower {

	private HandlerProgress progress = new HandlerProgress.Called();

	private int nested;

	private @Nullable Throwable nestedFailure;

	/**
	 * Returns the progress of the handler.
	 */
	HandlerProgress progress() {
		return this.progress;
	}

	/**
	 * Called when another handler begins to write to the same response.
	 */
	void enterNested() {
		this.nested++;
	}

	/**
	 * Called when a handler has ended.
	 * @return whether it was a nested handler
	 */
	boolean leaveNested() {
		boolean wasNested = this.nested > 0;
		if (wasNested) {
			this.nested--;
		}
		return wasNested;
	}

	/**
	 * Called when the result of an asynchronous handler is available, and is rendered in
	 * a dispatch of its own.
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
	 * Called when the handler has returned.
	 */
	void returned() {
		if (this.nested == 0 && !(this.progress instanceof HandlerProgress.Returned)) {
			this.progress = new HandlerProgress.Returned(this.nestedFailure);
		}
	}

	/**
	 * Called when the handler has returned a result that is not available yet.
	 */
	void promised() {
		if (this.nested == 0) {
			this.progress = new HandlerProgress.Called();
		}
	}

	/**
	 * Called for each exception, even if it is resolved later. It is the exception of the
	 * handler if the handler has not returned and no nested handler is running.
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
