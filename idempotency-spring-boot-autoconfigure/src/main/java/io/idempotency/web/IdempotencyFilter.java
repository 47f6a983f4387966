package io.idempotency.web;

import java.io.IOException;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.web.util.WebUtils;

/**
 * Wraps a request that may turn out to be protected, so that its body can be read twice
 * and its response be captured; decides nothing. Every other request passes as it came.
 * <p>
 * It is the innermost filter: what other filters refuse never gets here, and they see a
 * replay as they see any response.
 */
final class IdempotencyFilter implements Filter {

	private final KeyReader keys;

	private final HandlerPolicies policies;

	private final StorageRules rules;

	IdempotencyFilter(KeyReader keys, HandlerPolicies policies, StorageRules rules) {
		this.keys = keys;
		this.policies = policies;
		this.rules = rules;
	}

	@Override
	public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		HttpServletRequest httpRequest = (HttpServletRequest) request;
		HttpServletResponse httpResponse = (HttpServletResponse) response;
		IdempotencyExchange exchange = IdempotencyExchange.of(httpRequest);
		if (exchange != null) {
			if (request.getDispatcherType() == DispatcherType.FORWARD) {
				exchange.dropForForward();
			}
			run(exchange, httpRequest, dispatchResponse(exchange, httpResponse), chain);
		}
		else if (mayBeProtected(httpRequest)) {
			exchange = new IdempotencyExchange(httpRequest, httpResponse, this.rules);
			run(exchange, exchange.request(), exchange.response(), chain);
		}
		else {
			chain.doFilter(request, response);
		}
	}

	private boolean mayBeProtected(HttpServletRequest request) {
		return request.getDispatcherType() != DispatcherType.ERROR && this.policies.mayProtect(request.getMethod())
				&& this.keys.mayHaveKey(request);
	}

	/**
	 * An asynchronous dispatch comes with the response that it was started with, an error
	 * dispatch with the container's.
	 */
	private static HttpServletResponse dispatchResponse(IdempotencyExchange exchange, HttpServletResponse response) {
		boolean wrapped = WebUtils.getNativeResponse(response, CapturingResponse.class) != null;
		return wrapped ? response : exchange.captureDispatch(response);
	}

	/**
	 * Runs one dispatch. An error dispatch of an asynchronous request sees it as started
	 * still, and ends it. A forward ends it too, since the container takes nothing more
	 * for the response then (Servlet 6.1, section 9.4); one that throws may be caught.
	 */
	private static void run(IdempotencyExchange exchange, HttpServletRequest request, HttpServletResponse response,
			FilterChain chain) throws IOException, ServletException {
		boolean startedBefore = request.isAsyncStarted();
		try {
			chain.doFilter(request, response);
		}
		catch (Throwable ex) {
			if (request.getDispatcherType() != DispatcherType.FORWARD) {
				end(exchange, request, ex);
			}
			throw ex;
		}
		if (startedBefore || !request.isAsyncStarted()) {
			end(exchange, request, null);
		}
	}

	private static void end(IdempotencyExchange exchange, HttpServletRequest request, @Nullable Throwable failure)
			throws IOException {
		if (request.getDispatcherType() == DispatcherType.FORWARD && exchange.isInTransaction()) {
			// The handler that forwarded goes on with its work.
			return;
		}
		exchange.finish(failure);
		if (request.getDispatcherType() == DispatcherType.ERROR) {
			exchange.release();
		}
	}

}
