package io.idempotency.web.servlet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.jspecify.annotations.Nullable;

import org.springframework.web.util.WebUtils;

/**
 * A request whose body can be read ahead, as bytes or as parameters, before the handler
 * reads it.
 */
final class RepeatableRequest extends HttpServletRequestWrapper {

	private final IdempotencyExchange exchange;

	private final BodyLimits limits;

	private final HeldBody body;

	private @Nullable FormBody form;

	private @Nullable ServletInputStream stream;

	private @Nullable BufferedReader reader;

	RepeatableRequest(HttpServletRequest request, IdempotencyExchange exchange, BodyLimits limits) {
		super(request);
		this.exchange = exchange;
		this.limits = limits;
		this.body = new HeldBody(request.getContentLengthLong(), super::getInputStream);
	}

	private RepeatableRequest(HttpServletRequest request, RepeatableRequest before) {
		super(request);
		this.exchange = before.exchange;
		this.limits = before.limits;
		this.body = before.body;
		this.form = before.form;
	}

	/**
	 * Returns the request of another dispatch, with the same body.
	 */
	HttpServletRequest continueIn(HttpServletRequest dispatched) {
		boolean wrapped = WebUtils.getNativeRequest(dispatched, RepeatableRequest.class) != null;
		return wrapped ? dispatched : new RepeatableRequest(dispatched, this);
	}

	/**
	 * Returns the first bytes of the body, which are compared.
	 */
	byte[] bodyStart() throws IOException {
		return this.body.start(this.limits.compared());
	}

	/**
	 * Returns the parameters that came in a form's body.
	 */
	Map<String, List<String>> form() throws IOException {
		if (this.form == null) {
			this.form = FormBody.read(this, this.body, this.limits);
		}
		return this.form.parameters();
	}

	/**
	 * Reads and discards the rest of a body that no handler will read, up to a limit.
	 * @param repeated whether a handler has read the same body before
	 */
	void skipRest(boolean repeated) throws IOException {
		this.body.skipRest(repeated);
	}

	/**
	 * Holds the beginning of the body if something reads it before it is decided whether
	 * the request is protected, so that it can still be compared.
	 */
	void beforeRead() throws IOException {
		if (this.exchange.isUndecided()) {
			this.body.start(this.limits.compared());
		}
	}

	@Override
	public ServletInputStream getInputStream() throws IOException {
		if (this.reader != null) {
			throw new IllegalStateException("getReader() was called for this request");
		}
		if (this.stream == null) {
			this.stream = new HeldBodyStream(this.body, this);
		}
		return this.stream;
	}

	@Override
	public BufferedReader getReader() throws IOException {
		if (this.reader == null) {
			if (this.stream != null) {
				throw new IllegalStateException("getInputStream() was called for this request");
			}
			this.reader = OwnBodyStream.reader(new HeldBodyStream(this.body, this), getCharacterEncoding());
		}
		return this.reader;
	}

	/**
	 * Returns all parameters if the body was read before the container could parse it.
	 * @return the parameters, or {@code null} if the container has them
	 */
	private @Nullable Map<String, String[]> ownParameters() {
		return (this.form != null) ? this.form.withQuery(super.getParameterMap()) : null;
	}

	@Override
	public @Nullable String getParameter(String name) {
		Map<String, String[]> parameters = ownParameters();
		if (parameters == null) {
			return super.getParameter(name);
		}
		String[] values = parameters.get(name);
		return (values != null) ? values[0] : null;
	}

	@Override
	public String @Nullable [] getParameterValues(String name) {
		Map<String, String[]> parameters = ownParameters();
		return (parameters != null) ? parameters.get(name) : super.getParameterValues(name);
	}

	@Override
	public Map<String, String[]> getParameterMap() {
		Map<String, String[]> parameters = ownParameters();
		return (parameters != null) ? parameters : super.getParameterMap();
	}

	@Override
	public Enumeration<String> getParameterNames() {
		Map<String, String[]> parameters = ownParameters();
		return (parameters != null) ? Collections.enumeration(parameters.keySet()) : super.getParameterNames();
	}

	/**
	 * Starts with the container's request and response, without the wrappers of any
	 * filters (Servlet 6.1, section 9.7).
	 */
	@Override
	public AsyncContext startAsync() {
		return startAsync(FormBody.original(this), this.exchange.unwrappedResponse());
	}

	@Override
	public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
		this.exchange.requireSynchronous();
		return this.exchange.asyncStarted(super.startAsync(request, response));
	}

	/**
	 * Returns {@code null} with MockMvc if the request is not asynchronous. A container
	 * throws an exception instead.
	 */
	@Override
	public @Nullable AsyncContext getAsyncContext() {
		AsyncContext context = super.getAsyncContext();
		return (context != null) ? this.exchange.asyncContext(context) : null;
	}

	/**
	 * Returns the stream of the wrapped request.
	 */
	ServletInputStream containerStream() {
		try {
			return super.getInputStream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
