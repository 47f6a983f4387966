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
 * One request that may be protected, across all its dispatches. It keeps the
 * {@link Phase} of the request, and settles the record when a dispatch ends.
 */
final class IdempotencyExchange extends PhasedContext {

	private final RepeatableRequest request;

	private volatile CapturingResponse response;

	private volatile boolean undecided = true;

	/**
	 * Held while the handling ends, because more than one thread may end it.
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
	 * Returns {@code true} until it is decided whether the request is protected.
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
	 * @return the run, or {@code null} unless the phase is {@link Phase.Running}
	 */
	@Nullable FirstRun run() {
		return (phase() instanceof Phase.Running running) ? running.run() : null;
	}

	/**
	 * Called when a dispatch begins.
	 * @return whether it is nested in another dispatch
	 */
	boolean enterDispatch() {
		return this.dispatches++ > 0;
	}

	void leaveDispatch() {
		this.dispatches--;
	}

	/**
	 * Called when a later dispatch begins. The result of an asynchronous handler is
	 * available. An error dispatch has replaced the one that should have rendered it.
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
	 * Called when the request has ended, but the handler may still be running.
	 */
	void cutOff() {
		FirstRun run = run();
		if (run != null) {
			run.cutOff();
		}
	}

	/**
	 * Returns the response of a later dispatch. An asynchronous dispatch has the response
	 * that it was started with, an error dispatch has that of the container. In both
	 * cases, filters may have wrapped it, so it is captured again inside of them.
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
	 * Returns the container's response, which is captured if this one is.
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
	 * Called when a forward inside the handling begins. The container drops what was
	 * written before, but not always by way of its wrappers, so it is dropped here.
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
	 * Settles the record, then sends the response. If another thread has ended an
	 * asynchronous request in the meantime, nothing is left to do.
	 * @param response the response of the dispatch that has ended
	 * @param failure the exception of the handling, or {@code null}
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
		// The last characters may exceed the size that can be held.
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
	 * Called when all filters have returned and no other dispatch follows. If a filter
	 * has caught the exception of the handler, its response was not captured.
	 */
	void requestEnded() {
		if (phase() instanceof Phase.ErrorPage errorPage && errorPage.thrown()) {
			errorPage.run().settleUnseen();
			moveTo(new Phase.Settled(errorPage.operation()));
		}
	}

	/**
	 * Called when the container has completed an asynchronous request. A filter may have
	 * answered it before the result of the handler was rendered.
	 */
	void requestCompleted() {
		FirstRun run = run();
		if (run != null && run.isOpen()) {
			AsyncResult.notRendered(run.handler(), this.request);
			run.settleUnstored();
		}
	}

	/**
	 * Fails in a transaction, which belongs to the thread that runs the handler.
	 */
	void requireSynchronous() {
		if (run() instanceof TransactionalRun run && run.isOpen()) {
			throw new IllegalStateException("A handler whose work is committed together with its response cannot be"
					+ " asynchronous: turn transactional off, or return the response itself");
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
