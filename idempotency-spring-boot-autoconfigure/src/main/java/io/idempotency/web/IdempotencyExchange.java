package io.idempotency.web;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import io.idempotency.IdempotencyContext;
import io.idempotency.engine.Execution;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredResponse;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpStatus;

/**
 * One request with a key, over all its dispatches: what the filter, the interceptor and
 * the advice know of it.
 */
final class IdempotencyExchange implements IdempotencyContext {

	private final StorageRules rules;

	private final RepeatableRequest request;

	private volatile CapturingResponse response;

	private @Nullable Operation operation;

	private long waitUntil;

	private boolean suspended;

	private long suspendedAt;

	private Duration waited = Duration.ZERO;

	private boolean retry;

	private @Nullable StoredResponse storedResponse;

	private volatile boolean leftToErrorPage;

	private volatile boolean cutOff;

	private boolean handlerEnded;

	private @Nullable Execution execution;

	private Map<String, List<String>> headersBefore = Map.of();

	private long captureLimit;

	private @Nullable HandlerWork work;

	IdempotencyExchange(HttpServletRequest request, HttpServletResponse response, StorageRules rules) {
		this.rules = rules;
		this.request = new RepeatableRequest(request, this);
		this.response = new CapturingResponse(request, response);
		request.setAttribute(ATTRIBUTE, this);
	}

	static @Nullable IdempotencyExchange of(ServletRequest request) {
		return (IdempotencyExchange) request.getAttribute(ATTRIBUTE);
	}

	RepeatableRequest request() {
		return this.request;
	}

	CapturingResponse response() {
		return this.response;
	}

	/**
	 * Returns whether a handler of this exchange was looked at before. The handlers of
	 * its forwards and later dispatches belong to the same response.
	 */
	boolean hasBegun() {
		return this.operation != null;
	}

	/**
	 * Begins the exchange.
	 * @param operation what the request asks for
	 * @param wait how long it may wait for a concurrent request
	 */
	void begin(Operation operation, Duration wait) {
		this.operation = operation;
		this.waitUntil = System.nanoTime() + wait.toNanos();
	}

	Operation operation() {
		if (this.operation == null) {
			throw new IllegalStateException("The exchange has not begun");
		}
		return this.operation;
	}

	boolean mayWait() {
		return this.waitUntil - System.nanoTime() > 0;
	}

	Duration remainingWait() {
		return Duration.ofNanos(this.waitUntil - System.nanoTime());
	}

	boolean isSuspended() {
		return this.suspended;
	}

	void suspend(HttpServletRequest request, HttpServletResponse response, CompletableFuture<Void> change)
			throws Exception {
		try {
			SuspendedRequest.suspend(request, response, change);
			this.suspended = true;
			this.suspendedAt = System.nanoTime();
		}
		finally {
			if (!this.suspended) {
				change.cancel(false);
			}
		}
	}

	void resume(HttpServletRequest request) throws Exception {
		this.suspended = false;
		this.waited = this.waited.plusNanos(System.nanoTime() - this.suspendedAt);
		SuspendedRequest.resume(request);
	}

	/**
	 * Returns how long the request was suspended, all in all.
	 */
	Duration waited() {
		return this.waited;
	}

	/**
	 * Learns that the request is a retry.
	 * @param response what the first request was answered, or {@code null} if that was
	 * not stored
	 */
	void retried(@Nullable StoredResponse response) {
		this.retry = true;
		this.storedResponse = response;
	}

	@Override
	public @Nullable String key() {
		return (this.operation != null) ? this.operation.key() : null;
	}

	@Override
	public @Nullable RecordKey recordKey() {
		return (this.operation != null) ? this.operation.recordKey() : null;
	}

	@Override
	public boolean isRetry() {
		return this.retry;
	}

	@Override
	public @Nullable StoredResponse storedResponse() {
		return this.storedResponse;
	}

	@Override
	public String derivedKey(String step) {
		return (this.operation != null) ? this.operation.derivedKey(step) : UUID.randomUUID().toString();
	}

	/**
	 * Captures the response of the handler that is about to run. In a transaction all of
	 * it is held, however long, since nothing may leave before the commit.
	 * @param execution to be ended once the response is complete
	 * @param captureLimit the longest body to store, or -1 if the handler streams
	 * @param work the handler's work, if it is to be committed together with the response
	 */
	void capture(Execution execution, long captureLimit, @Nullable HandlerWork work) {
		this.execution = execution;
		this.captureLimit = captureLimit;
		this.work = work;
		this.headersBefore = StorageRules.headersOf(this.response);
		this.response.capture((work != null) ? CapturingResponse.UNLIMITED : captureLimit, this::settleUnstored);
	}

	/**
	 * Goes on capturing in another dispatch, for which the container gave its own
	 * response.
	 * @return the response to dispatch with
	 */
	HttpServletResponse captureDispatch(HttpServletResponse dispatched) {
		if (this.execution == null || !this.execution.isOpen()) {
			return dispatched;
		}
		this.response = new CapturingResponse(this.request, dispatched);
		this.response.capture(this.captureLimit, this::settleUnstored);
		return this.response;
	}

	/**
	 * Drops what was written before a forward, which not every container does by way of
	 * its wrapper (Servlet 6.1, section 9.4).
	 */
	void dropForForward() {
		if (this.response.isCaptured()) {
			this.response.resetBuffer();
		}
	}

	/**
	 * Learns that the handler has ended, and what type its body will have, before a byte
	 * of it is written: one that is not stored need not be held.
	 */
	void bodyFollows(@Nullable String contentType) {
		this.handlerEnded = true;
		if (!isStored(contentType) && this.work == null) {
			this.response.holdNoBody();
		}
	}

	private boolean isStored(@Nullable String contentType) {
		return this.rules.storesStatus(this.response.getStatus()) && this.rules.storesContentType(contentType);
	}

	/**
	 * Settles the record before the first byte of a body that is not held: a client that
	 * has read it may come again at once. The key is not free, though, while a handler
	 * that writes by itself still runs.
	 */
	private void settleUnstored() {
		if (this.execution != null && isStored(this.response.getContentType())) {
			this.execution.complete(new ResponseNotStored());
		}
		else if (this.handlerEnded) {
			release();
		}
	}

	/**
	 * Returns whether a handler's work is still to be committed or rolled back.
	 */
	boolean isInTransaction() {
		return this.execution != null && this.execution.isInTransaction();
	}

	/**
	 * Learns that a handler has returned without an exception.
	 */
	void handlerReturned(Object handler) {
		if (this.work != null) {
			this.work.returned(handler);
		}
	}

	/**
	 * Ends the transaction of a handler whose response is rendered, while what belongs to
	 * its dispatch, such as the EntityManager of open-in-view, is still there. The
	 * response is not sent yet.
	 */
	void handlerEnded(Object handler, @Nullable Exception failure) {
		if (this.work != null && this.execution != null && this.work.endsWith(handler)) {
			end(this.work, this.execution, failure);
		}
	}

	/**
	 * Whatever happens, no transaction stays open, and no answer stands whose work was
	 * taken back for its sake.
	 */
	private void end(HandlerWork work, Execution execution, @Nullable Exception failure) {
		@Nullable RuntimeException notCommitted = new IllegalStateException("The handler's work was not committed");
		try {
			if (failure == null && isToBeCommitted(work, execution)) {
				commit(execution);
			}
			notCommitted = null;
		}
		catch (RuntimeException ex) {
			notCommitted = ex;
		}
		finally {
			execution.rollback();
			if (notCommitted != null) {
				execution.release();
			}
			work.end(notCommitted);
		}
	}

	/**
	 * Returns whether the handler has answered what is stored. Where its work asked for a
	 * rollback, an error stands without it; a success does not, and its commit fails.
	 */
	private boolean isToBeCommitted(HandlerWork work, Execution execution) {
		boolean success = this.response.getStatus() < HttpStatus.BAD_REQUEST.value();
		return work.hasReturned() && this.response.isCaptured() && this.rules.storesStatus(this.response.getStatus())
				&& (success || !execution.isRollbackOnly());
	}

	private void commit(Execution execution) {
		byte[] body = this.response.body();
		if (!this.rules.storesBody(this.response.getContentType(), body)) {
			execution.commitWithoutOutcome();
		}
		else if (body.length > this.captureLimit) {
			execution.commit(new ResponseNotStored());
		}
		else {
			execution.commit(this.rules.toStore(this.response, body, this.headersBefore));
		}
	}

	/**
	 * Settles what becomes of the record, then sends the response.
	 * @param failure what the handling threw, or {@code null}
	 */
	void finish(@Nullable Throwable failure) throws IOException {
		finish(this.response, failure);
	}

	/**
	 * Ends an asynchronous request without another dispatch. An error page may have begun
	 * to run meanwhile, with a response of its own.
	 */
	void finish(CapturingResponse response, @Nullable Throwable failure) throws IOException {
		Execution execution = this.execution;
		if (execution != null && this.work != null) {
			answerForWork(this.work, execution, response);
		}
		if (execution == null || !execution.isOpen()) {
			response.send();
		}
		else if (failure != null || response.isError()) {
			leaveToErrorPage(execution, response, failure);
		}
		else if (response.isCaptured() || !this.leftToErrorPage) {
			settle(execution, response);
			response.send();
		}
	}

	/**
	 * Writes another response where the handler's work was not committed. A dispatch that
	 * has not come to its end takes the work back.
	 */
	private void answerForWork(HandlerWork work, Execution execution, CapturingResponse response) {
		if (!work.hasEnded()) {
			execution.rollback();
			work.end(null);
		}
		RuntimeException failure = work.takeFailure();
		if (failure != null) {
			response.withdraw(this.headersBefore);
			work.failures().answer(this.request, response, failure);
		}
	}

	/**
	 * The container writes the response, in a dispatch of its own, once the filter chain
	 * has returned.
	 */
	private void leaveToErrorPage(Execution execution, CapturingResponse response, @Nullable Throwable failure) {
		int status = (failure != null) ? HttpStatus.INTERNAL_SERVER_ERROR.value() : response.getStatus();
		if (this.rules.storesErrorPage(status, failure)) {
			this.leftToErrorPage = true;
			execution.endSoon(this::release);
		}
		else {
			release();
		}
		response.discard();
	}

	/**
	 * Reads the body first: its last bytes may be those that are too many.
	 */
	private void settle(Execution execution, CapturingResponse response) {
		byte[] body = response.body();
		if (response.isCaptured() && this.rules.storesStatus(response.getStatus())
				&& this.rules.storesBody(response.getContentType(), body)) {
			execution.complete(this.rules.toStore(response, body, this.headersBefore));
		}
		else {
			release();
		}
	}

	/**
	 * Frees the key, unless its record is settled. The work of an asynchronous handler
	 * that was cut off may go on, so that nobody may run it again yet.
	 */
	void release() {
		if (this.execution != null && this.cutOff) {
			this.execution.abandon();
		}
		else if (this.execution != null) {
			this.execution.release();
		}
	}

	/**
	 * A transaction belongs to the thread that runs the handler.
	 */
	void requireSynchronous() {
		if (isInTransaction()) {
			throw new IllegalStateException("The handler's work is to be committed together with its response, so that"
					+ " it cannot be asynchronous: turn transactional off, or return the response itself");
		}
	}

	AsyncContext asyncContext(AsyncContext context) {
		return new AsyncExchangeContext(context, this, this.response);
	}

	AsyncContext asyncStarted(AsyncContext context) {
		context.addListener(new AsyncEnd());
		return asyncContext(context);
	}

	/**
	 * Learns how an asynchronous request ends that the container ends by itself. An error
	 * page may still come.
	 */
	private final class AsyncEnd implements AsyncListener {

		@Override
		public void onTimeout(AsyncEvent event) {
			IdempotencyExchange.this.cutOff = true;
		}

		@Override
		public void onError(AsyncEvent event) {
			IdempotencyExchange.this.cutOff = true;
		}

		@Override
		public void onComplete(AsyncEvent event) {
			if (!IdempotencyExchange.this.leftToErrorPage) {
				release();
			}
		}

		@Override
		public void onStartAsync(AsyncEvent event) {
		}

	}

}
