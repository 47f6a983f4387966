package io.idempotency.web.servlet;

import java.util.List;
import java.util.Map;

import io.idempotency.engine.Execution;
import io.idempotency.step.StepFailures;
import io.idempotency.step.Steps;
import io.idempotency.store.Outcome;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.web.gate.Decision;
import io.idempotency.web.gate.Hold;
import io.idempotency.web.gate.ResponseSnapshot;
import io.idempotency.web.gate.StorageRules;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;

/**
 * The run of a protected handler for a first request. It follows the progress of the
 * handler and settles the record: the record is completed, released, or left to its
 * lease.
 */
class FirstRun implements BodyObserver {

	private final Execution execution;

	private final Hold hold;

	private final RunRules rules;

	private final Steps steps;

	private final Map<String, List<String>> headersBefore;

	private final CapturingResponse response;

	private final HandlerFollower handler = new HandlerFollower();

	private volatile boolean cutOff;

	/**
	 * Creates the run of a handler that is about to be called.
	 * @param decision the decision to call the handler
	 * @param rules the settings for the run
	 * @param response the response that the handler writes
	 */
	FirstRun(Decision.Run decision, RunRules rules, CapturingResponse response) {
		this.hold = decision.hold();
		this.execution = decision.execution();
		this.rules = rules;
		this.steps = rules.steps().begin(decision.execution(), decision.operation().policy());
		this.response = response;
		this.headersBefore = response.headers();
	}

	/**
	 * Returns the run of the handler of a request.
	 * @return the run, or {@code null} if the handler is not protected or its record is
	 * settled
	 */
	static @Nullable FirstRun of(ServletRequest request) {
		IdempotencyExchange exchange = IdempotencyExchange.of(request);
		return (exchange != null) ? exchange.run() : null;
	}

	/**
	 * Returns whether the record is still to be settled.
	 */
	final boolean isOpen() {
		return this.execution.isOpen();
	}

	/**
	 * Called when the container has ended the request, but the handler may still be
	 * running.
	 */
	final void cutOff() {
		this.cutOff = true;
	}

	/**
	 * Called when the dispatch of the handler has ended. The response is rendered, and
	 * resources that belong to the dispatch are still open.
	 */
	void handlerEnded(DispatchContext dispatch) {
	}

	/**
	 * Called when the handling of the request has ended. Work that should have been
	 * committed by then, but was not, is rolled back.
	 */
	void handlingEnded() {
	}

	/**
	 * Settles the record with a complete response. If the handler threw an exception, a
	 * success response is not stored, because it is not the handler's response (S8).
	 */
	final void settle(ResponseSnapshot response) {
		boolean answered = !(this.handler.progress() instanceof HandlerProgress.Threw) || isError(response.status());
		if (answered && !isRefusal() && stores(response)) {
			this.execution.complete(outcome(response));
		}
		else {
			settleUnstored();
		}
	}

	boolean stores(ResponseSnapshot response) {
		return storage().stores(response);
	}

	private static boolean isError(int status) {
		return status >= HttpStatus.BAD_REQUEST.value();
	}

	/**
	 * Settles the record of a response that is not stored (S1, S5, S7).
	 */
	final void settleUnstored() {
		if (hasEffect() && !this.cutOff) {
			this.execution.complete(new ResponseNotStored());
		}
		else {
			release();
		}
	}

	/**
	 * Returns whether the handler has returned, but its response could not be rendered.
	 */
	boolean hasEffect() {
		return this.handler.progress() instanceof HandlerProgress.Returned returned && returned.answerFailure() != null;
	}

	/**
	 * Returns whether the error page that follows is stored (S8).
	 * @param status the expected status of the error page
	 * @param thrown whether an exception is the reason for it
	 */
	final boolean awaitsErrorPage(int status, boolean thrown) {
		return !isRefusal() && storage().storesErrorPage(status, thrown);
	}

	/**
	 * Settles the record after a third of the lease if no error page has been written by
	 * then.
	 */
	final void awaitErrorPage() {
		this.execution.endSoon(this::settleUnseen);
	}

	/**
	 * Settles the record if the error page that should have been stored was not captured.
	 */
	void settleUnseen() {
		if (this.cutOff) {
			this.execution.abandon();
		}
		else {
			this.execution.complete(new ResponseNotStored());
		}
	}

	/**
	 * Releases the key, unless the record is settled. If an asynchronous handler was cut
	 * off, it may still be running, so the key stays blocked until the lease expires.
	 */
	final void release() {
		if (this.cutOff) {
			this.execution.abandon();
		}
		else {
			this.execution.release();
		}
	}

	/**
	 * Returns whether the exception does not come from the handler itself: either method
	 * security denied access, or a step could not be taken.
	 */
	private boolean isRefusal() {
		return this.handler.progress() instanceof HandlerProgress.Threw threw
				&& (Denials.include(threw.exception()) || StepFailures.include(threw.exception()));
	}

	/**
	 * Returns the outcome to store for a response.
	 */
	final Outcome outcome(ResponseSnapshot response) {
		return (response.body().length > this.rules.longestStored()) ? new ResponseNotStored()
				: storage().toStore(response, this.headersBefore);
	}

	/**
	 * Drops the response, so that another one can be written.
	 */
	final void withdrawResponse() {
		this.response.withdraw(this.headersBefore);
	}

	/**
	 * Returns whether a body of a content type is held as decided. A body that is not
	 * stored need not be held.
	 */
	boolean holds(String contentType) {
		return this.hold.isNothing() || storage().storesContentType(contentType);
	}

	/**
	 * Settles the record before the first byte of a body that is too long or streamed,
	 * because a client that reads it may repeat the request at once. If the response is
	 * of a kind that is not stored, the key is released only when the body is complete,
	 * because the handling may still fail.
	 */
	@Override
	public final void beforeFirstByte(HttpServletResponse response) {
		if (storage().storesStatus(response.getStatus()) && storage().storesContentType(response.getContentType())) {
			this.execution.complete(new ResponseNotStored());
		}
	}

	/**
	 * Keeps the last byte back until the record is settled, because a client that has the
	 * complete response may repeat the request at once, and the key must be free then.
	 * The response of a handler that has not returned yet is streamed.
	 */
	@Override
	public final boolean keepsLastByte() {
		return this.execution.isOpen() && this.handler.progress() instanceof HandlerProgress.Returned;
	}

	final Hold hold() {
		return this.hold;
	}

	final Steps steps() {
		return this.steps;
	}

	boolean isLeaseHeld() {
		return this.execution.isOpen() && this.execution.isLeaseHeld();
	}

	long fencingToken() {
		return this.execution.fencingToken();
	}

	final Execution execution() {
		return this.execution;
	}

	final CapturingResponse response() {
		return this.response;
	}

	final StorageRules storage() {
		return this.rules.storage();
	}

	/**
	 * Returns the follower of the handler.
	 */
	final HandlerFollower handler() {
		return this.handler;
	}

}
