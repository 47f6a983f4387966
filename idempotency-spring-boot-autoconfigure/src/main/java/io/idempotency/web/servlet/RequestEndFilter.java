package io.idempotency.web.servlet;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

import io.idempotency.web.operation.KeyReader;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.util.function.SingletonSupplier;

/**
 * Detects when all filters have processed a request, and restarts a request that has
 * waited. It is the outermost filter.
 */
final class RequestEndFilter implements Filter {

	private final KeyReader keys;

	private final boolean waits;

	private final int mostRecorded;

	private final Supplier<RequestFilters> filters;

	private final Supplier<@Nullable Servlet> servlet;

	/**
	 * Creates the filter.
	 * @param waits whether requests may wait at all
	 * @param mostRecorded how much of a body may be read before a request waits, in bytes
	 * @param filters returns the filters that come after this filter
	 * @param servlet returns the servlet that handles requests; {@code null} if it is not
	 * known
	 */
	RequestEndFilter(KeyReader keys, boolean waits, int mostRecorded, Function<Filter, RequestFilters> filters,
			Supplier<@Nullable Servlet> servlet) {
		this.keys = keys;
		this.waits = waits;
		this.mostRecorded = mostRecorded;
		this.filters = SingletonSupplier.of(() -> filters.apply(this));
		this.servlet = servlet;
	}

	@Override
	public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		HttpServletRequest httpRequest = (HttpServletRequest) request;
		HttpServletResponse httpResponse = (HttpServletResponse) response;
		RestartableRequest before = RestartableRequest.of(request);
		if (before != null && before.isSuspended() && request.getDispatcherType() == DispatcherType.ASYNC) {
			restart(before, httpResponse, chain);
		}
		else if (mayWait(httpRequest)) {
			RestartableRequest restartable = new RestartableRequest(httpRequest, httpResponse, this.mostRecorded);
			chain.doFilter(restartable, new RestartableResponse(httpResponse, restartable));
		}
		else {
			chain.doFilter(request, response);
		}
		RestartableRequest after = RestartableRequest.of(request);
		if (after != null && after != before && after.isSuspended()) {
			after.awaitChange();
		}
		IdempotencyExchange exchange = IdempotencyExchange.of(request);
		if (exchange != null && !request.isAsyncStarted()) {
			exchange.requestEnded();
		}
	}

	private boolean mayWait(HttpServletRequest request) {
		return this.waits && this.servlet.get() != null && request.getDispatcherType() == DispatcherType.REQUEST
				&& this.keys.mayHaveKey(new ServletProtectedRequest(request, null, null, false));
	}

	/**
	 * Processes a suspended request again with the filters of a new request. The
	 * container has dispatched it to the filters of asynchronous dispatches, which may be
	 * different.
	 */
	private void restart(RestartableRequest suspended, HttpServletResponse response, FilterChain chain)
			throws IOException, ServletException {
		HttpServletRequest request = (HttpServletRequest) suspended.getRequest();
		if (response.isCommitted()) {
			throw new IllegalStateException("A filter before this one has sent the response of a waiting request");
		}
		List<String> attributes = Collections.list(request.getAttributeNames());
		attributes.stream().filter(RestartableRequest::isOfDispatch).forEach(request::removeAttribute);
		response.reset();
		RestartableRequest restarted = suspended.restart(response);
		RestartableResponse held = new RestartableResponse(response, restarted);
		Servlet handling = this.servlet.get();
		try {
			if (handling != null && handling.getServletConfig() != null) {
				this.filters.get().doFilter(restarted, held, handling);
			}
			else {
				chain.doFilter(restarted, held);
			}
		}
		finally {
			restarted.restarted();
		}
	}

}
