package io.idempotency.web.servlet;

import java.io.IOException;

import io.idempotency.web.ProtectedMethods;
import io.idempotency.web.operation.KeyReader;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.util.WebUtils;

/**
 * Wraps requests that may be protected, so that their body can be read twice and their
 * response can be captured. Other requests pass unchanged. The filter decides nothing.
 * <p>
 * It is the innermost filter: requests that other filters refuse do not reach it, and
 * other filters see a replay like any other response.
 */
final class IdempotencyFilter implements Filter {

	private final KeyReader keys;

	private final ProtectedMethods methods;

	private final BodyLimits limits;

	IdempotencyFilter(KeyReader keys, ProtectedMethods methods, BodyLimits limits) {
		this.keys = keys;
		this.methods = methods;
		this.limits = limits;
	}

	@Override
	public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		HttpServletRequest httpRequest = (HttpServletRequest) request;
		HttpServletResponse httpResponse = (HttpServletResponse) response;
		IdempotencyExchange exchange = IdempotencyExchange.of(request);
		if (exchange != null) {
			further(exchange, httpRequest, httpResponse, chain);
		}
		else if (mayBeProtected(httpRequest)) {
			exchange = new IdempotencyExchange(httpRequest, httpResponse, this.limits);
			exchange.enterDispatch();
			handle(exchange, exchange.request(), exchange.response(), chain);
		}
		else {
			chain.doFilter(request, response);
		}
	}

	private boolean mayBeProtected(HttpServletRequest request) {
		return !ErrorPages.isErrorPage(request) && this.methods.mayProtect(request.getMethod())
				&& this.keys.mayHaveKey(new ServletProtectedRequest(request, null, null, false));
	}

	private static void further(IdempotencyExchange exchange, HttpServletRequest request, HttpServletResponse response,
			FilterChain chain) throws IOException, ServletException {
		if (exchange.enterDispatch()) {
			handleNested(exchange, request, response, chain);
		}
		else {
			exchange.dispatchBegins(request);
			handle(exchange, exchange.request().continueIn(request), exchange.dispatchResponse(response), chain);
		}
	}

	/**
	 * Handles one dispatch, and ends it. In an error dispatch of an asynchronous request,
	 * {@code isAsyncStarted()} still returns {@code true}.
	 */
	private static void handle(IdempotencyExchange exchange, HttpServletRequest request, HttpServletResponse response,
			FilterChain chain) throws IOException, ServletException {
		boolean startedBefore = request.isAsyncStarted();
		CapturingResponse captured = WebUtils.getNativeResponse(response, CapturingResponse.class);
		try {
			chain.doFilter(request, response);
		}
		catch (Throwable ex) {
			if (captured != null) {
				if (!startedBefore && request.isAsyncStarted()) {
					exchange.cutOff();
				}
				exchange.handlingEnded(captured, ex);
			}
			throw ex;
		}
		finally {
			exchange.leaveDispatch();
		}
		if (captured != null && (startedBefore || !request.isAsyncStarted())) {
			exchange.handlingEnded(captured, null);
		}
	}

	/**
	 * Handles a forward or include inside the handling. It writes to the same response.
	 */
	private static void handleNested(IdempotencyExchange exchange, HttpServletRequest request,
			HttpServletResponse response, FilterChain chain) throws IOException, ServletException {
		boolean forward = request.getDispatcherType() == DispatcherType.FORWARD;
		if (forward) {
			exchange.forwardBegins();
		}
		try {
			chain.doFilter(request, response);
		}
		finally {
			exchange.leaveDispatch();
		}
		if (forward && !request.isAsyncStarted()) {
			exchange.forwardEnds();
		}
	}

}
