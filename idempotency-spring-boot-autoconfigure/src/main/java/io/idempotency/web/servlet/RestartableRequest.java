package io.idempotency.web.servlet;

import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import io.idempotency.web.gate.Patience;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.Part;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncManager;
import org.springframework.web.context.request.async.WebAsyncUtils;

/**
 * A request that may have to wait. After the wait, it can be restarted: all filters
 * process it again, like a new request.
 */
final class RestartableRequest extends HttpServletRequestWrapper {

	private static final String ATTRIBUTE = RestartableRequest.class.getName();

	private static final Long NO_TIMEOUT = 0L;

	private final HttpServletResponse response;

	private final RecordedBody body;

	private @Nullable Patience patience;

	private @Nullable ServletInputStream stream;

	private @Nullable BufferedReader reader;

	private volatile @Nullable Suspension suspension;

	private volatile boolean restarting;

	RestartableRequest(HttpServletRequest request, HttpServletResponse response, int mostRecorded) {
		this(request, response, new RecordedBody(request::getInputStream, mostRecorded), null);
	}

	private RestartableRequest(HttpServletRequest request, HttpServletResponse response, RecordedBody body,
			@Nullable Patience patience) {
		super(request);
		this.response = response;
		this.body = body;
		this.patience = patience;
		request.setAttribute(ATTRIBUTE, this);
	}

	/**
	 * Returns the restartable request that belongs to a request.
	 * @return the restartable request, or {@code null} if the request cannot be restarted
	 */
	static @Nullable RestartableRequest of(ServletRequest request) {
		return (RestartableRequest) request.getAttribute(ATTRIBUTE);
	}

	static RestartableRequest required(ServletRequest request) {
		RestartableRequest restartable = of(request);
		if (restartable == null) {
			throw new IllegalStateException("The request cannot wait, because it cannot be restarted");
		}
		return restartable;
	}

	/**
	 * Returns how long the request may wait from now on. It cannot wait if too much of
	 * its body was read to be read again, or if it cannot become asynchronous.
	 */
	Patience patience(Duration atMost) {
		if (this.patience == null) {
			this.patience = Patience.of(atMost);
		}
		return (this.body.isComplete() && isAsyncSupported() && !isAsyncStarted())
				? this.patience.holding(this.body.size()) : this.patience.ended();
	}

	/**
	 * Suspends the request, and makes it asynchronous, so that filters know that another
	 * dispatch follows.
	 * @param change completed when the request is to be restarted; cancelled if the
	 * client disconnects
	 */
	void suspend(CompletableFuture<Void> change) {
		try {
			AsyncContext context = super.startAsync(getRequest(), this.response);
			context.setTimeout(0);
			context.addListener(new SuspensionEnd(change));
			this.suspension = new Suspension(change, context, System.nanoTime());
		}
		finally {
			if (this.suspension == null) {
				change.cancel(false);
			}
		}
	}

	/**
	 * Waits for the change, without a thread, after all filters have returned. Spring is
	 * told, so that its test support waits, too.
	 */
	void awaitChange() {
		Suspension current = Objects.requireNonNull(this.suspension);
		DeferredResult<Boolean> wake = new DeferredResult<>(NO_TIMEOUT);
		WebAsyncManager async = WebAsyncUtils.getAsyncManager(getRequest());
		async.setAsyncWebRequest(WebAsyncUtils.createAsyncWebRequest(this, this.response));
		try {
			async.startDeferredResultProcessing(wake);
		}
		catch (Exception ex) {
			current.change().cancel(false);
			throw new IllegalStateException("The request cannot wait", ex);
		}
		current.change().thenRun(() -> wake.setResult(true));
	}

	/**
	 * Returns whether the request is waiting. What is written to its response is then
	 * discarded.
	 */
	boolean isSuspended() {
		return this.suspension != null;
	}

	/**
	 * Returns a new request with the same body.
	 * @param response the response of the new request
	 */
	RestartableRequest restart(HttpServletResponse response) {
		Duration pause = Duration.ofNanos(System.nanoTime() - Objects.requireNonNull(this.suspension).since());
		Patience left = (this.patience != null) ? this.patience.after(pause) : null;
		RestartableRequest restarted = new RestartableRequest((HttpServletRequest) getRequest(), response,
				this.body.again(), left);
		restarted.restarting = true;
		return restarted;
	}

	/**
	 * Called when the restarted request has been processed. Until then, it looks like a
	 * new request.
	 */
	void restarted() {
		this.restarting = false;
	}

	/**
	 * Returns the existing context if the request is suspended, because it is
	 * asynchronous already.
	 */
	@Override
	public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
		Suspension current = this.suspension;
		return (current != null) ? current.context() : super.startAsync(request, response);
	}

	@Override
	public DispatcherType getDispatcherType() {
		DispatcherType type = super.getDispatcherType();
		return (this.restarting && type == DispatcherType.ASYNC) ? DispatcherType.REQUEST : type;
	}

	@Override
	public ServletInputStream getInputStream() throws IOException {
		if (this.reader != null) {
			throw new IllegalStateException("getReader() was called for this request");
		}
		if (this.stream == null) {
			this.stream = this.body.open();
		}
		return this.stream;
	}

	@Override
	public BufferedReader getReader() throws IOException {
		if (this.reader == null) {
			this.reader = OwnBodyStream.reader(getInputStream(), getCharacterEncoding());
		}
		return this.reader;
	}

	/**
	 * Returns parts that Spring does not delete after it has handled the request, because
	 * the request may be restarted. The container deletes them at the end.
	 */
	@Override
	public Collection<Part> getParts() throws IOException, ServletException {
		return super.getParts().stream().<Part>map(KeptPart::new).toList();
	}

	@Override
	public @Nullable Part getPart(String name) throws IOException, ServletException {
		Part part = super.getPart(name);
		return (part != null) ? new KeptPart(part) : null;
	}

	/**
	 * Returns whether a dispatch of Spring MVC leaves an attribute behind.
	 */
	static boolean isOfDispatch(String attribute) {
		return attribute.equals(IdempotencyExchange.ATTRIBUTE)
				|| List.of("org.springframework.web.servlet.", "org.springframework.web.context.request.async.")
					.stream()
					.anyMatch(attribute::startsWith);
	}

	/**
	 * The wait of the request.
	 *
	 * @param change completed when the request is to be restarted
	 * @param context the context of the asynchronous request
	 * @param since when the wait began, as a value of {@link System#nanoTime()}
	 */
	private record Suspension(CompletableFuture<Void> change, AsyncContext context, long since) {
	}

}
