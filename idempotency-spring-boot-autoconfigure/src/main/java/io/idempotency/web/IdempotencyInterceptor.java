package io.idempotency.web;

import java.io.IOException;

import java.util.concurrent.CompletableFuture;

import io.idempotency.engine.Attempt;
import io.idempotency.engine.Execution;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListeners;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.web.IdempotencyProperties.OnStoreFailure;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;

/**
 * Decides, once the handler is known, whether it runs: policy, key, scope, fingerprint,
 * then one question to the engine.
 */
final class IdempotencyInterceptor implements HandlerInterceptor {

	private static final Log logger = LogFactory.getLog(IdempotencyInterceptor.class);

	private final IdempotencyProperties properties;

	private final HandlerPolicies policies;

	private final KeyReader keys;

	private final IdempotencyScopeResolver scopes;

	private final RequestFingerprinter fingerprints;

	private final IdempotencyEngine engine;

	private final ExposedHeaders exposedHeaders;

	private final StoredResponseWriter replay;

	private final Problems problems;

	private final IdempotencyListeners listeners;

	private final RequestTracing tracing;

	private final ObjectProvider<HandlerExceptionResolver> exceptionResolver;

	private final int maxFingerprintSize;

	IdempotencyInterceptor(IdempotencyProperties properties, HandlerPolicies policies, KeyReader keys,
			IdempotencyScopeResolver scopes, RequestFingerprinter fingerprints, IdempotencyEngine engine,
			IdempotencyListeners listeners, RequestTracing tracing,
			ObjectProvider<HandlerExceptionResolver> exceptionResolver) {
		this.properties = properties;
		this.policies = policies;
		this.keys = keys;
		this.scopes = scopes;
		this.fingerprints = fingerprints;
		this.engine = engine;
		this.listeners = listeners;
		this.tracing = tracing;
		this.exceptionResolver = exceptionResolver;
		this.exposedHeaders = new ExposedHeaders(properties.replayHeader());
		this.replay = new StoredResponseWriter(properties, this.exposedHeaders);
		this.problems = new Problems(properties);
		this.maxFingerprintSize = (int) properties.maxFingerprintSize().toBytes();
	}

	@Override
	public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
			throws Exception {
		IdempotencyExchange exchange = IdempotencyExchange.of(request);
		if (exchange != null && exchange.isSuspended() && request.getDispatcherType() == DispatcherType.ASYNC) {
			exchange.resume(request);
			return decide(exchange, request, response, handler);
		}
		HandlerPolicy policy = this.policies.policyFor(handler, request);
		if (policy == null || request.getDispatcherType() == DispatcherType.ERROR
				|| (exchange != null && exchange.hasBegun())) {
			return true;
		}
		String key = readKey(request, response);
		if (key == null && !policy.keyRequired()) {
			tell(RequestOutcome.UNPROTECTED, request);
			return true;
		}
		this.exposedHeaders.addTo(response);
		if (key == null) {
			tell(RequestOutcome.KEY_MISSING, request);
			throw this.problems.keyMissing();
		}
		if (exchange == null) {
			throw new IllegalStateException("The idempotency filter did not see this request, so that its response"
					+ " cannot be captured: add it to the filter chain");
		}
		exchange.begin(operation(policy, new RequestWithKey(request, key, exchange, this.maxFingerprintSize)),
				this.properties.waitTimeout());
		return decide(exchange, request, response, handler);
	}

	/**
	 * It is called only if the handler, and the interceptors before, have not thrown.
	 */
	@Override
	public void postHandle(HttpServletRequest request, HttpServletResponse response, Object handler,
			@Nullable ModelAndView modelAndView) {
		IdempotencyExchange exchange = IdempotencyExchange.of(request);
		if (exchange != null) {
			exchange.handlerReturned(handler);
		}
	}

	@Override
	public void afterCompletion(HttpServletRequest request, HttpServletResponse response, Object handler,
			@Nullable Exception failure) {
		IdempotencyExchange exchange = IdempotencyExchange.of(request);
		if (exchange != null) {
			exchange.handlerEnded(handler, failure);
		}
	}

	private @Nullable String readKey(HttpServletRequest request, HttpServletResponse response) {
		try {
			return this.keys.readKey(request);
		}
		catch (IllegalArgumentException ex) {
			tell(RequestOutcome.KEY_INVALID, request);
			this.exposedHeaders.addTo(response);
			throw this.problems.keyInvalid(ex);
		}
	}

	private Operation operation(HandlerPolicy policy, ProtectedRequest request) {
		try {
			String scope = this.scopes.resolveScope(request);
			Fingerprint fingerprint = this.fingerprints.fingerprint(request);
			RecordKey recordKey = ScopedRecordLocator.recordKey(scope, request.key());
			return new Operation(policy, request.key(), recordKey, fingerprint);
		}
		catch (IOException ex) {
			throw new HttpMessageNotReadableException("The request's body could not be read", ex,
					new ServletServerHttpRequest(request.servletRequest()));
		}
	}

	private boolean decide(IdempotencyExchange exchange, HttpServletRequest request, HttpServletResponse response,
			Object handler) throws Exception {
		Operation operation = exchange.operation();
		Attempt attempt = begin(operation);
		if (attempt instanceof Attempt.InProgress && exchange.mayWait()) {
			CompletableFuture<Void> change = this.engine.awaitChange(operation.policy().store(), operation.recordKey(),
					exchange.remainingWait());
			// The first request may have ended before anybody listened.
			attempt = begin(operation);
			if (attempt instanceof Attempt.InProgress) {
				exchange.suspend(request, response, change);
				return false;
			}
			change.cancel(false);
		}
		if (!exchange.waited().isZero()) {
			this.listeners.onWaited(exchange.waited());
		}
		return proceeds(attempt, exchange, response, handler);
	}

	private Attempt begin(Operation operation) {
		HandlerPolicy policy = operation.policy();
		return this.engine.begin(policy.store(), operation.recordKey(), operation.fingerprint(), policy.expiry());
	}

	private boolean proceeds(Attempt attempt, IdempotencyExchange exchange, HttpServletResponse response,
			Object handler) throws IOException {
		HandlerPolicy policy = exchange.operation().policy();
		if (attempt instanceof Attempt.Proceed proceed) {
			HandlerWork work = policy.transactional() ? new HandlerWork(handler,
					new CommitFailures(this.problems, this.exceptionResolver.getObject(), handler)) : null;
			exchange.capture(proceed.execution(), policy.streaming() ? -1 : this.properties.maxResponseSize().toBytes(),
					work);
			begin(policy, proceed.execution());
			return true;
		}
		if (attempt instanceof Attempt.Replay stored) {
			tell(RequestOutcome.REPLAY, exchange);
			return proceedsToReplay(stored.response(), exchange, response);
		}
		if (attempt instanceof Attempt.ResponseNotStored && policy.manual()) {
			tell(RequestOutcome.REPLAY, exchange);
			exchange.retried(null);
			return true;
		}
		if (attempt instanceof Attempt.StoreUnavailable unavailable) {
			return proceedsWithoutStore(unavailable.cause(), exchange);
		}
		exchange.request().skipRest();
		IdempotencyException refusal = this.problems.refusal(attempt, exchange.operation().key());
		tell(refusal.getReason().outcome(), exchange);
		throw refusal;
	}

	private boolean proceedsToReplay(StoredResponse stored, IdempotencyExchange exchange, HttpServletResponse response)
			throws IOException {
		String traceId = TraceNote.in(stored);
		if (traceId != null) {
			this.tracing.replays(traceId);
		}
		StoredResponse first = TraceNote.removedFrom(stored);
		exchange.retried(first);
		if (exchange.operation().policy().manual()) {
			return true;
		}
		exchange.request().skipRest();
		this.replay.write(first, response);
		return false;
	}

	private void begin(HandlerPolicy policy, Execution execution) {
		try {
			policy.begin(execution);
		}
		catch (RuntimeException ex) {
			logger.warn("A request is refused, since no transaction could begin: " + ex);
			throw this.problems.storeUnavailable(ex);
		}
	}

	private void tell(RequestOutcome outcome, IdempotencyExchange exchange) {
		this.listeners.onRequest(new IdempotencyEvent(outcome, exchange.operation().recordKey()));
	}

	/**
	 * A request without a valid key is told of once, whatever its further dispatches.
	 */
	private void tell(RequestOutcome outcome, HttpServletRequest request) {
		if (request.getDispatcherType() == DispatcherType.REQUEST) {
			this.listeners.onRequest(new IdempotencyEvent(outcome, null));
		}
	}

	private boolean proceedsWithoutStore(RuntimeException cause, IdempotencyExchange exchange) {
		if (this.properties.onStoreFailure() == OnStoreFailure.REJECT) {
			logger.warn("A request is refused, since the idempotency store failed: " + cause);
			tell(RequestOutcome.STORE_UNAVAILABLE, exchange);
			throw this.problems.storeUnavailable(cause);
		}
		logger.warn("A request runs unprotected, since the idempotency store failed: " + cause);
		tell(RequestOutcome.UNPROTECTED, exchange);
		return true;
	}

	/**
	 * What the scope resolver and the fingerprinter see.
	 */
	private record RequestWithKey(HttpServletRequest servletRequest, String key, IdempotencyExchange exchange,
			int maxBodyStart) implements ProtectedRequest {

		@Override
		public byte[] bodyStart() throws IOException {
			return this.exchange.request().readAhead(this.maxBodyStart);
		}

	}

}
