package io.idempotency.web.servlet;

import org.jspecify.annotations.Nullable;

/**
 * How far a handler has come. Its effect is there as soon as it has returned, whatever
 * becomes of its answer.
 */
sealed interface HandlerProgress {

	/**
	 * The handler was called, or is about to be.
	 */
	record Called() implements HandlerProgress {
	}

	/**
	 * The handler has returned.
	 *
	 * @param answerFailure why its answer could not be rendered; {@code null} if nothing
	 * failed until now
	 */
	record Returned(@Nullable Throwable answerFailure) implements HandlerProgress {
	}

	/**
	 * The handler has thrown.
	 *
	 * @param exception what it threw
	 */
	record Threw(Throwable exception) implements HandlerProgress {
	}

}
