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
	 * @param failures answers for work that was not committed
	 */
	TransactionalRun(Decision.Run decision, RunRules rules, CapturingResponse response, CommitFailures failures) {
		super(decision, rules, response);
		this.failures = failures;
	}

	/**
	 * What was rolled back has no effect.
	 */
	@Override
	boolean hasEffect() {
		return false;
	}

	/**
	 * The answer was an error, and the work is taken back.
	 */
	@Override
	void settleUnseen() {
		release();
	}

	/**
	 * Nothing leaves before the commit, whatever its type.
	 */
	@Override
	boolean holds(String contentType) {
		return true;
	}

	/**
	 * Commits or rolls back. Whatever happens, no transaction stays open, and no answer
	 * stands whose work was taken back for its sake.
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
	 * A dispatch that has not come to its end takes the work back.
	 * @throws RuntimeException what nobody answered for work that was not committed,
	 * which the container does
	 */
	@Override
	void handlingEnded() {
		if (!this.ended) {
			this.ended = true;
			execution().rollback();
		}
		if (this.notCommitted) {
			// Not before: an open EntityManager holds its connection until it is closed.
			execution().release();
		}
		RuntimeException failure = this.unanswered;
		this.unanswered = null;
		if (failure != null) {
			throw failure;
		}
	}

	/**
	 * Returns whether the handler has answered what is stored. Where its work asked for a
	 * rollback, an error stands without it; a success does not, and its commit fails.
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
	 * A success stands with the work or not at all.
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
