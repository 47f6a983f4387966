package io.idempotency.web.servlet;

import java.io.IOException;
import java.util.Objects;

import io.idempotency.web.gate.Decision;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.web.servlet.AsyncHandlerInterceptor;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.function.HandlerFunction;

/**
 * Applies the decision about each request to an annotated handler, and follows the
 * handler that runs. For functional endpoints, a {@link ProtectedHandlerFunction} applies
 * the decision, because they have filters of their own, which come first.
 */
final class IdempotencyInterceptor implements AsyncHandlerInterceptor {

	private final HandlerCatalog handlers;

	private final RequestAdmission admission;

	private final StoredResponseWriter replay;

	IdempotencyInterceptor(HandlerCatalog handlers, RequestAdmission admission, StoredResponseWriter replay) {
		this.handlers = handlers;
		this.admission = admission;
		this.replay = replay;
	}

	@Override
	public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler)
			throws IOException {
		if (ErrorPages.isErrorPage(request)) {
			return true;
		}
		IdempotencyExchange exchange = IdempotencyExchange.of(request);
		if (exchange != null && exchange.run() != null) {
			if (request.getDispatcherType() != DispatcherType.ASYNC) {
				exchange.run().handler().enterNested();
			}
			return true;
		}
		if (exchange != null && !(exchange.phase() instanceof Phase.Candidate)) {
			return true;
		}
		if (handler instanceof HandlerFunction) {
			ProtectedHandlerFunction.remember(request, response);
			return true;
		}
		HandlerProtection protection = this.handlers.protectionOf(handler, request);
		if (protection == null) {
			if (exchange != null) {
				exchange.decided();
			}
			return true;
		}
		return apply(this.admission.admit(request, response, protection), response);
	}

	private boolean apply(Decision decision, HttpServletResponse response) throws IOException {
		if (decision instanceof Decision.Refuse refuse) {
			throw refuse.exception();
		}
		if (decision instanceof Decision.Replay retried && !retried.operation().policy().manual()) {
			this.replay.write(Objects.requireNonNull(retried.response()), retried.redirect(), response);
			return false;
		}
		return !(decision instanceof Decision.Wait);
	}

	/**
	 * Called only if neither the handler nor a previous interceptor has thrown an
	 * exception.
	 */
	@Override
	public void postHandle(HttpServletRequest request, HttpServletResponse response, Object handler,
			@Nullable ModelAndView modelAndView) {
		FirstRun run = FirstRun.of(request);
		if (run != null && !ErrorPages.isErrorPage(request)) {
			run.handler().returned();
		}
	}

	@Override
	public void afterCompletion(HttpServletRequest request, HttpServletResponse response, Object handler,
			@Nullable Exception failure) {
		FirstRun run = FirstRun.of(request);
		if (run != null && !ErrorPages.isErrorPage(request) && !run.handler().leaveNested()) {
			run.handlerEnded(new DispatchContext(request, response, handler, failure));
		}
	}

	@Override
	public void afterConcurrentHandlingStarted(HttpServletRequest request, HttpServletResponse response,
			Object handler) {
		FirstRun run = FirstRun.of(request);
		if (run != null) {
			run.handler().leaveNested();
		}
	}

}
