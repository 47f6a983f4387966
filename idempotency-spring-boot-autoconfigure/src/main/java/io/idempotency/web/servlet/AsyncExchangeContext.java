package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.UncheckedIOException;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;

/**
 * An asynchronous context that settles and sends the response before it completes the
 * request without another dispatch.
 */
record AsyncExchangeContext(AsyncContext context, End end) implements AsyncContext {

	@Override
	public void complete() {
		try {
			this.end.handlingEnded();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		finally {
			this.context.complete();
		}
	}

	@Override
	public ServletRequest getRequest() {
		return this.context.getRequest();
	}

	@Override
	public ServletResponse getResponse() {
		return this.context.getResponse();
	}

	@Override
	public boolean hasOriginalRequestAndResponse() {
		return this.context.hasOriginalRequestAndResponse();
	}

	@Override
	public void dispatch() {
		this.context.dispatch();
	}

	@Override
	public void dispatch(String path) {
		this.context.dispatch(path);
	}

	@Override
	public void dispatch(ServletContext servletContext, String path) {
		this.context.dispatch(servletContext, path);
	}

	@Override
	public void start(Runnable task) {
		this.context.start(task);
	}

	@Override
	public void addListener(AsyncListener listener) {
		this.context.addListener(new Listener(listener, this));
	}

	@Override
	public void addListener(AsyncListener listener, ServletRequest request, ServletResponse response) {
		this.context.addListener(new Listener(listener, this), request, response);
	}

	@Override
	public <T extends AsyncListener> T createListener(Class<T> type) throws ServletException {
		return this.context.createListener(type);
	}

	@Override
	public void setTimeout(long timeout) {
		this.context.setTimeout(timeout);
	}

	@Override
	public long getTimeout() {
		return this.context.getTimeout();
	}

	/**
	 * Passes this context to a listener instead of the container's context, because the
	 * listener may complete the request.
	 */
	private record Listener(AsyncListener listener, AsyncContext context) implements AsyncListener {

		@Override
		public void onComplete(AsyncEvent event) throws IOException {
			this.listener.onComplete(translate(event));
		}

		@Override
		public void onTimeout(AsyncEvent event) throws IOException {
			this.listener.onTimeout(translate(event));
		}

		@Override
		public void onError(AsyncEvent event) throws IOException {
			this.listener.onError(translate(event));
		}

		@Override
		public void onStartAsync(AsyncEvent event) throws IOException {
			this.listener.onStartAsync(translate(event));
		}

		private AsyncEvent translate(AsyncEvent event) {
			return new AsyncEvent(this.context, event.getSuppliedRequest(), event.getSuppliedResponse(),
					event.getThrowable());
		}

	}

	/**
	 * Ends the handling of the request.
	 */
	@FunctionalInterface
	interface End {

		void handlingEnded() throws IOException;

	}

}
