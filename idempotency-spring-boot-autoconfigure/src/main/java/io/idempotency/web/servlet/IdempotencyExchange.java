package io.idempotency.web.servlet;

import java.io.IOException;
import java.util.UUID;

import io.idempotency.IdempotencyContext;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.web.gate.Decision;
import io.idempotency.web.operation.Operation;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;

/**
 * One request that may be protected, over all its dispatches: its {@link Phase}, and what
 * happens when a dispatch ends in it.
 */
final class IdempotencyExchange implements IdempotencyContext {

	private final RepeatableRequest request;

	private volatile CapturingResponse response;

	private volatile Phase phase = new Phase.Candidate();

	private volatile boolean undecided = true;

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

	Phase phase() {
		return this.phase;
	}

	/**
	 * Returns whether it is still open if the request is protected.
	 */
	boolean isUndecided() {
		return this.undecided;
	}

	/**
	 * Notes that the handler is known, and whether its requests are protected.
	 */
	void decided() {
		this.undecided = false;
	}

	/**
	 * Captures the response of the handler that is about to run.
	 */
	void run(Decision.Run decision, FirstRun run) {
		this.phase = new Phase.Running(decision.operation(), run);
		this.response.capture(decision.hold(), run);
	}

	void retried(Decision.Replay decision) {
		this.phase = new Phase.Retried(decision.operation(), decision.response());
	}

	void suspended(Decision.Wait decision) {
		this.phase = new Phase.Waiting(decision.operation());
	}

	/**
	 * Returns the run of the handler.
	 * @return {@code null} unless it is protected, and its record not settled
	 */
	@Nullable FirstRun run() {
		return (this.phase instanceof Phase.Running running) ? running.run() : null;
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
	 * Returns the response of a dispatch that comes after the first. An asynchronous one
	 * comes with the response that it was started with, an error dispatch with the
	 * container's; either may be wrapped by the filters of the dispatch. It is captured
	 * inside all of them, too.
	 */
	HttpServletResponse dispatchResponse(HttpServletResponse dispatched) {
		Phase.ErrorPage errorPage = (this.phase instanceof Phase.ErrorPage awaited) ? awaited : null;
		FirstRun run = (errorPage != null) ? errorPage.run() : run();
		if (run == null || !run.isOpen() || dispatched == this.response) {
			return dispatched;
		}
		CapturingResponse answer = this.response.continueIn(dispatched, run.hold(), run);
		this.response = answer;
		if (errorPage != null) {
			this.phase = new Phase.ErrorPage(errorPage.operation(), run, errorPage.thrown(), answer);
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
			this.response = this.response.continueIn(original, run.hold(), run);
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
		if (this.phase instanceof Phase.Running running) {
			if (failure != null) {
				running.run().handler().failed(failure);
			}
			try {
				running.run().handlingEnded();
			}
			catch (RuntimeException ex) {
				this.phase = new Phase.Settled(running.operation());
				response.discard();
				throw ex;
			}
			settle(running, response, failure);
		}
		else if (this.phase instanceof Phase.ErrorPage errorPage) {
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
				this.phase = new Phase.ErrorPage(running.operation(), run, failure != null, null);
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
		this.phase = new Phase.Settled(running.operation());
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
		this.phase = new Phase.Settled(errorPage.operation());
		response.send();
	}

	/**
	 * Notes that all filters are through, and no further dispatch is to come. Whoever has
	 * caught the handler's exception has answered where nobody can see it.
	 */
	void requestEnded() {
		if (this.phase instanceof Phase.ErrorPage errorPage && errorPage.thrown()) {
			errorPage.run().settleUnseen();
			this.phase = new Phase.Settled(errorPage.operation());
		}
	}

	/**
	 * A transaction belongs to the thread that runs the handler.
	 */
	void requireSynchronous() {
		if (run() instanceof TransactionalRun && run().isOpen()) {
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

	@Override
	public @Nullable String key() {
		Operation operation = this.phase.operation();
		return (operation != null) ? operation.key() : null;
	}

	@Override
	public @Nullable RecordKey recordKey() {
		Operation operation = this.phase.operation();
		return (operation != null) ? operation.recordKey() : null;
	}

	@Override
	public boolean isRetry() {
		return this.phase instanceof Phase.Retried;
	}

	@Override
	public @Nullable StoredResponse storedResponse() {
		return (this.phase instanceof Phase.Retried retried) ? retried.response() : null;
	}

	@Override
	public String derivedKey(String step) {
		Operation operation = this.phase.operation();
		return (operation != null) ? operation.derivedKey(step) : UUID.randomUUID().toString();
	}

}
