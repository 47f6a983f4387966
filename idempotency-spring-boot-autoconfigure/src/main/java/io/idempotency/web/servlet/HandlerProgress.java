package io.idempotency.web.servlet;

import org.jspecify.annotations.Nullable;

/**
 * The progress of a handler. A handler that has returned has had its effect, even if its
 * response cannot be sent.
 */
sealed interface HandlerProgress {

	/**
	 * The handler was called, or is about to be called.
	 */
	record Called() implements HandlerProgress {
	}

	/**
	 * The handler has returned.
	 *
	 * @param answerFailure why its response could not be rendered; {@code null} if
	 * nothing has failed so far
	 */
	record Returned(@Nullable Throwable answerFailure) implements HandlerProgress {
	}

	/**
	 * The handler has thrown an exception.
	 *
	 * @param exception the exception
	 */
	record Threw(Throwable exception) implements HandlerProgress {
	}

}
