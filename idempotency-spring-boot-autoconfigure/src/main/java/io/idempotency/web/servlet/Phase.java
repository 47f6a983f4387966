package io.idempotency.web.servlet;

import io.idempotency.step.Steps;
import io.idempotency.store.StoredResponse;
import io.idempotency.web.operation.Operation;
import org.jspecify.annotations.Nullable;

/**
 * The phase of an exchange. A phase has only the data that exists while it lasts. Order:
 * <pre>
 * Candidate -> Running -> (ErrorPage ->) Settled
 *           -> Retried
 *           -> Waiting
 * </pre>
 */
sealed interface Phase {

	/**
	 * Refuses steps, because the handler of the request has ended.
	 */
	Steps ENDED = Steps.refused("the request has ended");

	/**
	 * Refuses steps of a retry. The steps of the first request are no longer stored.
	 */
	Steps RETRIED = Steps
		.refused("the first request has completed with all its steps: answer with its stored response");

	/**
	 * Returns the operation of the request.
	 * @return the operation, or {@code null} if the request is not protected, or that is
	 * not decided yet
	 */
	@Nullable Operation operation();

	/**
	 * Returns the run of the handler.
	 * @return the run, or {@code null} unless the phase is {@link Running}
	 */
	default @Nullable FirstRun firstRun() {
		return null;
	}

	/**
	 * Returns the steps that the handler can take.
	 */
	default Steps steps() {
		FirstRun run = firstRun();
		return (run != null) ? run.steps() : ENDED;
	}

	/**
	 * It is not decided whether the request is protected, or it is not protected.
	 */
	record Candidate() implements Phase {

		@Override
		public @Nullable Operation operation() {
			return null;
		}

		@Override
		public Steps steps() {
			return Steps.unprotected();
		}

	}

	/**
	 * The request waits for another one. It will be processed again in a new exchange.
	 */
	record Waiting(Operation operation) implements Phase {
	}

	/**
	 * The handler runs, or has run, and its response is held.
	 *
	 * @param run the run of the handler
	 */
	record Running(Operation operation, FirstRun run) implements Phase {

		@Override
		public FirstRun firstRun() {
			return this.run;
		}

	}

	/**
	 * The handler called {@code sendError} or threw an exception, and an error page is
	 * expected, usually from the container in a dispatch of its own.
	 *
	 * @param run the run of the handler
	 * @param thrown whether an exception left the filter
	 * @param answer the response of the error page, once it has been started
	 */
	record ErrorPage(Operation operation, FirstRun run, boolean thrown,
			@Nullable CapturingResponse answer) implements Phase {
	}

	/**
	 * The record is settled, and the response is sent.
	 */
	record Settled(Operation operation) implements Phase {
	}

	/**
	 * The request is a retry.
	 *
	 * @param response the first response; {@code null} if it was not stored
	 */
	record Retried(Operation operation, @Nullable StoredResponse response) implements Phase {

		@Override
		public Steps steps() {
			return RETRIED;
		}

	}

}
