package io.idempotency.web.servlet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import io.idempotency.web.gate.Patience;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.Part;
import org.jspecify.annotations.Nullable;

/**
 * A request, outside all filters, that may have to wait: it can come anew when the wait
 * is over, as if it had just come.
 */
final class RestartableRequest extends HttpServletRequestWrapper {

	private static final String ATTRIBUTE = RestartableRequest.class.getName();

	private final RecordedBody body;

	private @Nullable Patience patience;

	private @Nullable ServletInputStream stream;

	private @Nullable BufferedReader reader;

	private volatile boolean suspended;

	private volatile boolean restarting;

	private long suspendedAt;

	RestartableRequest(HttpServletRequest request, int mostRecorded) {
		this(request, new RecordedBody(request::getInputStream, mostRecorded), null);
	}

	private RestartableRequest(HttpServletRequest request, RecordedBody body, @Nullable Patience patience) {
		super(request);
		this.body = body;
		this.patience = patience;
		request.setAttribute(ATTRIBUTE, this);
	}

	/**
	 * Returns the request that may come anew.
	 * @return {@code null} if it cannot
	 */
	static @Nullable RestartableRequest of(ServletRequest request) {
		return (RestartableRequest) request.getAttribute(ATTRIBUTE);
	}

	static RestartableRequest required(ServletRequest request) {
		RestartableRequest restartable = of(request);
		if (restartable == null) {
			throw new IllegalStateException("The request cannot come anew, so that it cannot wait");
		}
		return restartable;
	}

	/**
	 * Returns how long the request may wait from now on: not at all if too much of its
	 * body was read to be read again.
	 */
	Patience patience(Duration atMost) {
		if (this.patience == null) {
			this.patience = Patience.of(atMost);
		}
		return (this.body.isComplete() && !isAsyncStarted()) ? this.patience
				: new Patience(System.nanoTime(), this.patience.waited());
	}

	/**
	 * Suspends the request, without a thread.
	 * @param change completed when it is to come anew; cancelled when the client leaves
	 */
	void suspend(CompletableFuture<Void> change) {
		boolean started = false;
		try {
			AsyncContext context = super.startAsync();
			context.setTimeout(0);
			context.addListener(new SuspensionEnd(change));
			this.suspendedAt = System.nanoTime();
			this.suspended = true;
			change.thenRun(context::dispatch);
			started = true;
		}
		finally {
			if (!started) {
				change.cancel(false);
			}
		}
	}

	/**
	 * Returns whether the request waits: what is written now reaches nobody.
	 */
	boolean isSuspended() {
		return this.suspended;
	}

	/**
	 * Returns the request to come anew.
	 */
	RestartableRequest restart() {
		Patience left = (this.patience != null)
				? this.patience.after(Duration.ofNanos(System.nanoTime() - this.suspendedAt)) : null;
		RestartableRequest restarted = new RestartableRequest((HttpServletRequest) getRequest(), this.body.again(),
				left);
		restarted.restarting = true;
		return restarted;
	}

	/**
	 * Ends the time in which the request is as if it had just come.
	 */
	void restarted() {
		this.restarting = false;
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
			String encoding = getCharacterEncoding();
			ServletInputStream bytes = getInputStream();
			this.reader = new BufferedReader((encoding != null) ? new InputStreamReader(bytes, encoding)
					: new InputStreamReader(bytes, StandardCharsets.ISO_8859_1));
		}
		return this.reader;
	}

	/**
	 * Spring deletes the parts when it has handled the request, which it may have to do
	 * again. The container deletes them at the end.
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
	 * Returns the attributes that a dispatch of Spring MVC leaves behind.
	 */
	static boolean isOfDispatch(String attribute) {
		return attribute.equals(IdempotencyExchange.ATTRIBUTE)
				|| List.of("org.springframework.web.servlet.", "org.springframework.web.context.request.async.")
					.stream()
					.anyMatch(attribute::startsWith);
	}

}
