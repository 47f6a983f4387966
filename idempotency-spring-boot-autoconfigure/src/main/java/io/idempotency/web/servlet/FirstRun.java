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
 * The run of a handler whose record is to be settled: how far it has come, and what
 * becomes of the record in each case.
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
	 * @param decision that it is to be called
	 * @param rules say what is stored
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
	 * Returns the run of a request's handler.
	 * @return {@code null} unless it is protected, and its record not settled
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
	 * Notes that the container has ended the request while the handler may go on.
	 */
	final void cutOff() {
		this.cutOff = true;
	}

	/**
	 * Notes that the handler's dispatch is over: the response is rendered, and what
	 * belongs to the dispatch is still there.
	 */
	void handlerEnded(DispatchContext dispatch) {
	}

	/**
	 * Notes that the handling is over. What was to come with its end, and did not, is
	 * taken back.
	 */
	void handlingEnded() {
	}

	/**
	 * Settles the record when the response is complete. A success that somebody answers
	 * for a handler that threw is not the handler's (S8).
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
	 * Returns whether the handler has returned what could not be answered.
	 */
	boolean hasEffect() {
		return this.handler.progress() instanceof HandlerProgress.Returned returned && returned.answerFailure() != null;
	}

	/**
	 * Returns whether somebody else's answer is to be stored (S8).
	 * @param status its status, as far as it is known
	 * @param thrown whether an exception asks for it
	 */
	final boolean awaitsErrorPage(int status, boolean thrown) {
		return !isRefusal() && storage().storesErrorPage(status, thrown);
	}

	/**
	 * Settles the record after a third of the lease, in case that nobody answers.
	 */
	final void awaitErrorPage() {
		this.execution.endSoon(this::settleUnseen);
	}

	/**
	 * Settles the record of an answer that was to be stored, and that nobody has seen.
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
	 * Frees the key, unless its record is settled. The work of an asynchronous handler
	 * that was cut off may go on, so that nobody may run it again yet.
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
	 * A denial is the answer of who guards the handler, not the handler's, and a step
	 * that could not be taken is ours.
	 */
	private boolean isRefusal() {
		return this.handler.progress() instanceof HandlerProgress.Threw threw
				&& (Denials.include(threw.exception()) || StepFailures.include(threw.exception()));
	}

	/**
	 * Returns what retries get for a response that is stored.
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
	 * Returns whether a body of a type is held. One that is not stored need not be.
	 */
	boolean holds(String contentType) {
		return this.hold.isNothing() || storage().storesContentType(contentType);
	}

	/**
	 * Settles the record before the first byte of a body that is too long or streamed: a
	 * client that has read it may come again at once. Where the response is not stored,
	 * the key is free only when the body is complete, since it may yet fail.
	 */
	@Override
	public final void beforeFirstByte(HttpServletResponse response) {
		if (storage().storesStatus(response.getStatus()) && storage().storesContentType(response.getContentType())) {
			this.execution.complete(new ResponseNotStored());
		}
	}

	/**
	 * A client that has all of an answer may come again at once, and is to find the key
	 * free. What a handler writes that has not returned is streamed.
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
	 * Returns what follows the handler.
	 */
	final HandlerFollower handler() {
		return this.handler;
	}

}
