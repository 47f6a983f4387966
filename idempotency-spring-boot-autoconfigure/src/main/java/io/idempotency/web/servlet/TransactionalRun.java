package io.idempotency.web.servlet;

import io.idempotency.web.gate.Decision;
import io.idempotency.web.gate.ResponseSnapshot;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;

/**
 * The run of a handler whose work is committed together with its response.
 */
final class TransactionalRun extends FirstRun {

	private final CommitFailures failures;

	private boolean ended;

	private boolean notCommitted;

	private @Nullable RuntimeException unanswered;

	/**
	 * Creates the run of a handler that is about to be called.
	 * @param failures writes the response if the work was not committed
	 */
	TransactionalRun(Decision.Run decision, RunRules rules, CapturingResponse response, CommitFailures failures) {
		super(decision, rules, response);
		this.failures = failures;
	}

	/**
	 * Returns {@code false}, because work that was rolled back has no effect.
	 */
	@Override
	boolean hasEffect() {
		return false;
	}

	/**
	 * Releases the key, because the work was rolled back.
	 */
	@Override
	void settleUnseen() {
		release();
	}

	/**
	 * Returns {@code true}, because nothing is sent before the commit, regardless of its
	 * type.
	 */
	@Override
	boolean holds(String contentType) {
		return true;
	}

	/**
	 * Commits the work or rolls it back. In any case, the transaction ends. If the commit
	 * fails, the response of the handler is dropped, and another one is written.
	 */
	@Override
	void handlerEnded(DispatchContext dispatch) {
		if (this.ended) {
			return;
		}
		this.ended = true;
		@Nullable RuntimeException failure = new IllegalStateException("The handler's work was not committed");
		try {
			ResponseSnapshot response = response().snapshot();
			if (dispatch.failure() == null && isToBeCommitted(response)) {
				commit(response);
				failure = null;
			}
			else if (!isSuccess(response) || !(handler().progress() instanceof HandlerProgress.Called)) {
				failure = null;
			}
		}
		catch (RuntimeException ex) {
			failure = ex;
		}
		finally {
			execution().rollback();
			if (failure != null) {
				withdrawResponse();
				this.notCommitted = true;
				this.unanswered = failure;
				this.unanswered = this.failures.answer(dispatch, failure);
			}
		}
	}

	/**
	 * Rolls the work back if the dispatch did not reach its end.
	 * @throws RuntimeException the failure of the commit if nothing has resolved it, so
	 * that the container answers it
	 */
	@Override
	void handlingEnded() {
		if (!this.ended) {
			this.ended = true;
			execution().rollback();
		}
		if (this.notCommitted) {
			// Not earlier, because an open EntityManager holds its connection until it is
			// closed.
			execution().release();
		}
		RuntimeException failure = this.unanswered;
		this.unanswered = null;
		if (failure != null) {
			throw failure;
		}
	}

	/**
	 * Returns whether the work is committed: the handler has returned, and the status of
	 * its response is stored. If the transaction is marked for rollback, an error
	 * response is sent without the work; for a success, the commit is attempted and
	 * fails.
	 */
	private boolean isToBeCommitted(ResponseSnapshot response) {
		boolean answered = handler().progress() instanceof HandlerProgress.Returned returned
				&& returned.answerFailure() == null;
		return answered && response().isCaptured() && storage().storesStatus(response.status())
				&& (isSuccess(response) || !execution().isRollbackOnly());
	}

	private static boolean isSuccess(ResponseSnapshot response) {
		return response.status() < HttpStatus.BAD_REQUEST.value();
	}

	/**
	 * Returns whether a response is stored without the work. A success is stored only
	 * together with the work.
	 */
	@Override
	boolean stores(ResponseSnapshot response) {
		return !isSuccess(response) && super.stores(response);
	}

	private void commit(ResponseSnapshot response) {
		if (storage().storesBody(response)) {
			execution().commit(outcome(response));
		}
		else {
			execution().commitWithoutOutcome();
		}
	}

}
