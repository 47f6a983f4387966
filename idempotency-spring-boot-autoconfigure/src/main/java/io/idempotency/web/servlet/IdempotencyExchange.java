package io.idempotency.web.servlet;

import java.io.IOException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.idempotency.web.gate.Decision;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;

/**
 * One request that may be protected, over all its dispatches: its {@link Phase}, and what
 * happens when a dispatch ends in it.
 */
final class IdempotencyExchange extends PhasedContext {

	private final RepeatableRequest request;

	private volatile CapturingResponse response;

	private volatile boolean undecided = true;

	/**
	 * Held while the handling ends, which more than one thread may bring about.
	 */
	private final Lock ending = new ReentrantLock();

	private int dispatches;

	IdempotencyExchange(HttpServletRequest request, HttpServletResponse response, BodyLimits limits) {
		this.request = new RepeatableRequest(request, this, limits);
		this.response = new CapturingResponse(response);
		request.setAttribute(ATTRIBUTE, this);
	}

	static @Nullable IdempotencyExchange of(ServletRequest request) {
		return (request.getAttribute(ATTRIBUTE) instanceof IdempotencyExchange exchange) ? exchange : null;
	}

	RepeatableRequest request() {
		return this.request;
	}

	CapturingResponse response() {
		return this.response;
	}

	/**
	 * Returns whether it is still open if the request is protected.
	 */
	boolean isUndecided() {
		return this.undecided;
	}

	void decided() {
		this.undecided = false;
	}

	void run(Decision.Run decision, FirstRun run) {
		moveTo(new Phase.Running(decision.operation(), run));
		this.response.capture(decision.hold(), run);
	}

	void retried(Decision.Replay decision) {
		moveTo(new Phase.Retried(decision.operation(), decision.response()));
	}

	void suspended(Decision.Wait decision) {
		moveTo(new Phase.Waiting(decision.operation()));
	}

	/**
	 * Returns the run of the handler.
	 * @return {@code null} unless it is protected, and its record not settled
	 */
	@Nullable FirstRun run() {
		return (phase() instanceof Phase.Running running) ? running.run() : null;
	}

	/**
	 * Notes that a dispatch begins.
	 * @return whether another one is under way, of which it is a part
	 */
	boolean enterDispatch() {
		return this.dispatches++ > 0;
	}

	void leaveDispatch() {
		this.dispatches--;
	}

	/**
	 * Notes that a further dispatch begins: what an asynchronous handler has promised is
	 * there. An error dispatch has come in place of the one that was to render it.
	 */
	void dispatchBegins(HttpServletRequest dispatched) {
		FirstRun run = run();
		if (run != null && dispatched.getDispatcherType() == DispatcherType.ASYNC) {
			run.handler().resumed(AsyncResult.of(dispatched));
		}
		else if (run != null) {
			AsyncResult.notRendered(run.handler(), dispatched);
		}
	}

	/**
	 * Notes that the handler may go on although its request does not.
	 */
	void cutOff() {
		FirstRun run = run();
		if (run != null) {
			run.cutOff();
		}
	}

	/**
	 * Returns the response of a dispatch that comes after the first. An asynchronous one
	 * comes with the response that it was started with, an error dispatch with the
	 * container's; either may be wrapped by the filters of the dispatch. It is captured
	 * inside all of them, too.
	 */
	HttpServletResponse dispatchResponse(HttpServletResponse dispatched) {
		Phase.ErrorPage errorPage = (phase() instanceof Phase.ErrorPage awaited) ? awaited : null;
		FirstRun run = (errorPage != null) ? errorPage.run() : run();
		if (run == null || !run.isOpen() || dispatched == this.response) {
			return dispatched;
		}
		CapturingResponse answer = this.response.continueIn(dispatched, run.hold(), run, errorPage != null);
		this.response = answer;
		if (errorPage != null) {
			moveTo(new Phase.ErrorPage(errorPage.operation(), run, errorPage.thrown(), answer));
		}
		return answer;
	}

	/**
	 * Returns the container's response, captured if this one is.
	 */
	HttpServletResponse unwrappedResponse() {
		HttpServletResponse original = this.response.original();
		FirstRun run = run();
		if (run == null || !run.isOpen()) {
			return original;
		}
		if (this.response.getResponse() != original) {
			this.response = this.response.continueIn(original, run.hold(), run, false);
		}
		return this.response;
	}

	/**
	 * Begins or ends a forward inside the handling: the container drops what was written
	 * before (not always by way of its wrappers), and takes nothing more after.
	 */
	void forwardBegins() {
		if (this.response.isCaptured()) {
			this.response.resetBuffer();
		}
	}

	void forwardEnds() {
		if (this.response.isCaptured()) {
			this.response.closeAfterForward();
		}
	}

	/**
	 * Settles what becomes of the record, then sends the response. Where an asynchronous
	 * request was ended meanwhile by another thread, nothing is left to do.
	 * @param response the response of the dispatch that has ended
	 * @param failure what the handling threw, or {@code null}
	 */
	void handlingEnded(CapturingResponse response, @Nullable Throwable failure) throws IOException {
		this.ending.lock();
		try {
			end(response, failure);
		}
		finally {
			this.ending.unlock();
		}
	}

	private void end(CapturingResponse response, @Nullable Throwable failure) throws IOException {
		if (phase() instanceof Phase.Running running) {
			if (failure != null) {
				running.run().handler().failed(failure);
			}
			else {
				AsyncResult.notRendered(running.run().handler(), this.request);
			}
			try {
				running.run().handlingEnded();
			}
			catch (RuntimeException ex) {
				moveTo(new Phase.Settled(running.operation()));
				response.discard();
				throw ex;
			}
			settle(running, response, failure);
		}
		else if (phase() instanceof Phase.ErrorPage errorPage) {
			if (errorPage.answer() == response) {
				settle(errorPage, response, failure);
			}
		}
		else {
			response.send();
		}
	}

	private void settle(Phase.Running running, CapturingResponse response, @Nullable Throwable failure)
			throws IOException {
		FirstRun run = running.run();
		// The last characters may be those that are too many.
		response.flushWriter();
		if (run.isOpen() && (failure != null || response.isError())) {
			int status = (failure != null) ? HttpStatus.INTERNAL_SERVER_ERROR.value() : response.getStatus();
			response.discard();
			if (run.awaitsErrorPage(status, failure != null)) {
				moveTo(new Phase.ErrorPage(running.operation(), run, failure != null, null));
				run.awaitErrorPage();
				return;
			}
			run.settleUnstored();
		}
		else if (run.isOpen() && response.isCaptured()) {
			run.settle(response.snapshot());
		}
		else if (run.isOpen()) {
			run.settleUnstored();
		}
		moveTo(new Phase.Settled(running.operation()));
		response.send();
	}

	private void settle(Phase.ErrorPage errorPage, CapturingResponse response, @Nullable Throwable failure)
			throws IOException {
		FirstRun run = errorPage.run();
		response.flushWriter();
		if (failure == null && response.isCaptured()) {
			run.settle(response.snapshot());
		}
		else if (run.isOpen()) {
			run.settleUnseen();
		}
		moveTo(new Phase.Settled(errorPage.operation()));
		response.send();
	}

	/**
	 * Notes that all filters are through, and no further dispatch is to come. Whoever has
	 * caught the handler's exception has answered where nobody can see it.
	 */
	void requestEnded() {
		if (phase() instanceof Phase.ErrorPage errorPage && errorPage.thrown()) {
			errorPage.run().settleUnseen();
			moveTo(new Phase.Settled(errorPage.operation()));
		}
	}

	/**
	 * Notes that the container has completed an asynchronous request. A filter may have
	 * answered it in place of the dispatch that was to render the handler's result.
	 */
	void requestCompleted() {
		FirstRun run = run();
		if (run != null && run.isOpen()) {
			AsyncResult.notRendered(run.handler(), this.request);
			run.settleUnstored();
		}
	}

	/**
	 * A transaction belongs to the thread that runs the handler.
	 */
	void requireSynchronous() {
		if (run() instanceof TransactionalRun run && run.isOpen()) {
			throw new IllegalStateException("The handler's work is to be committed together with its response, so that"
					+ " it cannot be asynchronous: turn transactional off, or return the response itself");
		}
	}

	AsyncContext asyncContext(AsyncContext context) {
		CapturingResponse started = this.response;
		return new AsyncExchangeContext(context, () -> handlingEnded(started, null));
	}

	AsyncContext asyncStarted(AsyncContext context) {
		context.addListener(new AsyncEnd(this));
		return asyncContext(context);
	}

}
