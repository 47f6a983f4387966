package io.idempotency.web.servlet;

import io.idempotency.step.Steps;
import io.idempotency.store.StoredResponse;
import io.idempotency.web.operation.Operation;
import org.jspecify.annotations.Nullable;

/**
 * How far an exchange has come. Each phase has what there is in it, and nothing else.
 * <pre>
 * Candidate -> Running -> (ErrorPage ->) Settled
 *           -> Retried
 *           -> Waiting
 * </pre>
 */
sealed interface Phase {

	/**
	 * The steps of a request that runs no handler any more.
	 */
	Steps ENDED = Steps.refused("the request has ended");

	/**
	 * The steps of a retry. Those of the first request are not kept.
	 */
	Steps RETRIED = Steps
		.refused("the first request has completed, so that its steps are done: answer with its stored response");

	/**
	 * Returns what the request asks for.
	 * @return {@code null} if it is not protected, or it is not known yet
	 */
	@Nullable Operation operation();

	/**
	 * Returns the run of the handler.
	 * @return {@code null} unless the handler runs or has run, and its record is not
	 * settled
	 */
	default @Nullable FirstRun firstRun() {
		return null;
	}

	/**
	 * Returns what takes the steps of the handler.
	 */
	default Steps steps() {
		FirstRun run = firstRun();
		return (run != null) ? run.steps() : ENDED;
	}

	/**
	 * It is not decided whether the request is protected; or it is, and it is not.
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
	 * The request waits for another one. It will come anew, in an exchange of its own.
	 */
	record Waiting(Operation operation) implements Phase {
	}

	/**
	 * The handler runs, or has run, and its response is held.
	 *
	 * @param run what becomes of it
	 */
	record Running(Operation operation, FirstRun run) implements Phase {

		@Override
		public FirstRun firstRun() {
			return this.run;
		}

	}

	/**
	 * The handler asked for an error page or threw, and somebody else is to answer:
	 * mostly the container, in a dispatch of its own.
	 *
	 * @param run what becomes of the answer
	 * @param thrown whether an exception left the filter
	 * @param answer the answer, once somebody has begun with it
	 */
	record ErrorPage(Operation operation, FirstRun run, boolean thrown,
			@Nullable CapturingResponse answer) implements Phase {
	}

	/**
	 * The record is settled, and the response sent.
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
