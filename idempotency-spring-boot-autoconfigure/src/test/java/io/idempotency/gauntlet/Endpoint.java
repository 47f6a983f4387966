package io.idempotency.gauntlet;

import java.util.EnumSet;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The handlers of the applications, and what each does.
 */
enum Endpoint {

	OBJECT("/h/object", 200, Does.ANSWERS, By.STREAM),

	ENTITY("/h/entity", 201, Does.ANSWERS, By.STREAM),

	NO_CONTENT("/h/no-content", 204, Does.ANSWERS, By.NEITHER),

	NOTHING("/h/nothing", 200, Does.ANSWERS, By.NEITHER),

	BYTES("/h/bytes", 200, Does.ANSWERS, By.STREAM),

	STRING("/h/string", 200, Does.ANSWERS, By.STREAM),

	LONG("/h/long", 200, Does.ANSWERS, By.STREAM),

	TOO_LONG("/h/too-long", 200, Does.STREAMS, By.STREAM),

	VIEW("/h/view", 200, Does.ANSWERS, By.WRITER),

	JSP_VIEW("/h/jsp-view", 200, Does.ANSWERS, By.WRITER),

	REDIRECT("/h/redirect", 302, Does.ANSWERS, By.NEITHER),

	FORWARD_VIEW("/h/forward-view", 200, Does.ANSWERS, By.STREAM),

	FORWARD("/h/forward", 200, Does.ANSWERS, By.WRITER),

	FORWARD_TO_CONTROLLER("/h/forward-to-controller", 200, Does.ANSWERS, By.STREAM),

	CONTEXT_FORWARD("/h/context-forward", 200, Does.ANSWERS, By.WRITER),

	INCLUDE("/h/include", 200, Does.ANSWERS, By.WRITER),

	CONTEXT_INCLUDE("/h/context-include", 200, Does.ANSWERS, By.WRITER),

	STREAM("/h/stream", 200, Does.ANSWERS, By.STREAM),

	FLUSHED_STREAM("/h/flushed-stream", 200, Does.ANSWERS, By.STREAM),

	WRITER("/h/writer", 200, Does.ANSWERS, By.WRITER),

	CLOSED_WRITER("/h/closed-writer", 200, Does.ANSWERS, By.WRITER),

	SEND_REDIRECT("/h/send-redirect", 302, Does.ANSWERS, By.NEITHER),

	SESSION("/h/session", 200, Does.ANSWERS, By.STREAM),

	FORM("/h/form", 200, Does.ANSWERS, By.STREAM, Body.FORM),

	RAW_FORM("/h/raw-form", 200, Does.ANSWERS, By.STREAM, Body.FORM),

	UPLOAD("/h/upload", 200, Does.ANSWERS, By.STREAM, Body.MULTIPART),

	PATCH_FORM("/h/patch-form", 200, Does.ANSWERS, By.STREAM, Body.PATCH_FORM),

	HIDDEN_PATCH_FORM("/h/patch-form", 200, Does.ANSWERS, By.STREAM, Body.HIDDEN_PATCH_FORM),

	DECLINED("/h/declined", 402, Does.ANSWERS, By.STREAM),

	SEND_ERROR("/h/send-error", 409, Does.ANSWERS, By.NEITHER),

	THROW("/h/throw", 500, Does.THROWS_OUT, By.NEITHER),

	THROW_ERROR("/h/throw-error", 500, Does.THROWS_OUT, By.NEITHER),

	THROW_AFTER_WRITING("/h/throw-after-writing", 500, Does.THROWS_OUT, By.WRITER),

	THROW_HANDLED("/h/throw-handled", 409, Does.THROWS, By.STREAM),

	THROW_STATUS("/h/throw-status", 409, Does.THROWS, By.NEITHER),

	THROW_ANNOTATED("/h/throw-annotated", 402, Does.THROWS, By.NEITHER),

	NOT_ACCEPTABLE_XML("/h/not-acceptable", 406, Does.FAILS_TO_RENDER, By.NEITHER, Body.JSON, "application/xml"),

	NOT_ACCEPTABLE_HTML("/h/not-acceptable", 406, Does.FAILS_TO_RENDER, By.NEITHER, Body.JSON, "text/html"),

	BROKEN_GETTER("/h/broken-getter", 500, Does.FAILS_TO_RENDER, By.STREAM),

	NO_CONVERTER("/h/no-converter", 500, Does.FAILS_TO_RENDER, By.NEITHER),

	MISSING_VIEW("/h/missing-view", 500, Does.FAILS_TO_RENDER_OUT, By.WRITER),

	FAILING_VIEW("/h/failing-view", 500, Does.FAILS_TO_RENDER_OUT, By.WRITER),

	FAILING_JSP("/h/failing-jsp", 500, Does.FAILS_TO_RENDER_OUT, By.WRITER),

	FAILING_POST_HANDLE("/h/failing-post-handle", 500, Does.FAILS_TO_RENDER_OUT, By.NEITHER),

	PRODUCES_MISMATCH("/h/produces", 406, Does.NOT_RUN, By.NEITHER, Body.JSON, "application/xml"),

	UNREADABLE("/h/unreadable", 400, Does.NOT_RUN, By.NEITHER),

	MISSING_PARAMETER("/h/missing-parameter", 400, Does.NOT_RUN, By.NEITHER),

	FAILING_PRE_HANDLE("/h/failing-pre-handle", 500, Does.NOT_RUN_OUT, By.NEITHER),

	NO_HANDLER("/h/nowhere", 404, Does.NOT_RUN, By.NEITHER),

	CALLABLE("/a/callable", 200, Does.ANSWERS, By.STREAM),

	CALLABLE_VIEW("/a/callable-view", 302, Does.ANSWERS, By.NEITHER),

	CALLABLE_FAILING("/a/callable-failing", 500, Does.THROWS, By.NEITHER),

	CALLABLE_BROKEN_GETTER("/a/callable-broken-getter", 500, Does.FAILS_TO_RENDER, By.STREAM),

	DEFERRED("/a/deferred", 200, Does.ANSWERS, By.STREAM),

	DEFERRED_FAILING("/a/deferred-failing", 409, Does.THROWS, By.NEITHER),

	FUTURE("/a/future", 200, Does.ANSWERS, By.STREAM),

	FUTURE_AT_ONCE("/a/future-at-once", 200, Does.ANSWERS, By.STREAM),

	ASYNC_TASK("/a/async-task", 200, Does.ANSWERS, By.STREAM),

	START_ASYNC("/a/start-async", 200, Does.ANSWERS, By.WRITER),

	START_ASYNC_DISPATCH("/a/start-async-dispatch", 200, Does.ANSWERS, By.STREAM),

	STREAMING("/a/streaming", 200, Does.STREAMS, By.STREAM),

	ROUTE("/r/object", 201, Does.ANSWERS, By.STREAM),

	ROUTE_VIEW("/r/view", 200, Does.ANSWERS, By.WRITER),

	ROUTE_WRITTEN("/r/written", 200, Does.ANSWERS, By.WRITER),

	ROUTE_THROW("/r/throw", 409, Does.THROWS, By.NEITHER),

	ROUTE_BROKEN_GETTER("/r/broken-getter", 500, Does.FAILS_TO_RENDER, By.STREAM),

	ROUTE_FUTURE("/r/future", 200, Does.ANSWERS, By.STREAM),

	FILTERED_ROUTE("/f/object", 200, Does.ANSWERS, By.STREAM),

	FILTERED_ROUTE_REFUSED("/f/refused", 401, Does.NOT_RUN, By.STREAM, Body.JSON, null, "X-Refused"),

	FILTERED_ROUTE_THROW("/f/throw", 422, Does.THROWS, By.STREAM),

	LAZY("/j/lazy", 200, Does.ANSWERS, By.STREAM),

	PERMITTED("/s/permitted", 200, Does.ANSWERS, By.STREAM),

	DENIED("/s/denied", 403, Does.DENIED, By.NEITHER),

	VERSIONED("/v/versioned", 200, Does.ANSWERS, By.STREAM);

	private static final Set<Endpoint> ASYNCHRONOUS = EnumSet.of(CALLABLE, CALLABLE_VIEW, CALLABLE_FAILING,
			CALLABLE_BROKEN_GETTER, DEFERRED, DEFERRED_FAILING, FUTURE, FUTURE_AT_ONCE, ASYNC_TASK, START_ASYNC,
			START_ASYNC_DISPATCH, STREAMING, ROUTE_FUTURE);

	private static final Set<Endpoint> FORWARDING = EnumSet.of(JSP_VIEW, FORWARD_VIEW, FORWARD, FORWARD_TO_CONTROLLER,
			CONTEXT_FORWARD, INCLUDE, CONTEXT_INCLUDE, FAILING_JSP);

	private final String path;

	private final int status;

	private final Does does;

	private final By by;

	private final Body body;

	private final @Nullable String accept;

	private final @Nullable String header;

	Endpoint(String path, int status, Does does, By by) {
		this(path, status, does, by, Body.JSON);
	}

	Endpoint(String path, int status, Does does, By by, Body body) {
		this(path, status, does, by, body, null);
	}

	Endpoint(String path, int status, Does does, By by, Body body, @Nullable String accept) {
		this(path, status, does, by, body, accept, null);
	}

	Endpoint(String path, int status, Does does, By by, Body body, @Nullable String accept, @Nullable String header) {
		this.path = path;
		this.status = status;
		this.does = does;
		this.by = by;
		this.body = body;
		this.accept = accept;
		this.header = header;
	}

	String path() {
		return this.path;
	}

	/**
	 * Returns the status without the starter, where no company changes it.
	 */
	int status() {
		return this.status;
	}

	Does does() {
		return this.does;
	}

	By by() {
		return this.by;
	}

	Body body() {
		return this.body;
	}

	@Nullable String accept() {
		return this.accept;
	}

	/**
	 * Returns the name of a header that the request has besides, or {@code null}.
	 */
	@Nullable String header() {
		return this.header;
	}

	boolean isAsynchronous() {
		return ASYNCHRONOUS.contains(this);
	}

	boolean isForwarding() {
		return FORWARDING.contains(this);
	}

	boolean isIncluding() {
		return this == INCLUDE || this == CONTEXT_INCLUDE;
	}

	/**
	 * Returns whether it cannot carry an annotation.
	 */
	boolean isUnannotated() {
		return this.path.startsWith("/r/") || this.path.startsWith("/f/") || this.path.startsWith("/v/")
				|| this == STREAMING || this == NO_HANDLER || this == PERMITTED || this == DENIED;
	}

	/**
	 * What becomes of the handler's run.
	 */
	enum Does {

		/**
		 * It returns an answer that can be sent.
		 */
		ANSWERS,

		/**
		 * It returns an answer that can be sent but not be kept.
		 */
		STREAMS,

		/**
		 * It throws what Spring MVC answers.
		 */
		THROWS,

		/**
		 * It throws what leaves the {@code DispatcherServlet}.
		 */
		THROWS_OUT,

		/**
		 * It returns an answer that cannot be rendered, to which Spring MVC has an
		 * answer.
		 */
		FAILS_TO_RENDER,

		/**
		 * It returns an answer that cannot be rendered, and that leaves the
		 * {@code DispatcherServlet} as an exception.
		 */
		FAILS_TO_RENDER_OUT,

		/**
		 * It is not called, and Spring MVC answers.
		 */
		NOT_RUN,

		/**
		 * It is not called, and an exception leaves the {@code DispatcherServlet}.
		 */
		NOT_RUN_OUT,

		/**
		 * It is not called, since method security forbids it.
		 */
		DENIED;

		boolean leavesDispatcher() {
			return this == THROWS_OUT || this == FAILS_TO_RENDER_OUT || this == NOT_RUN_OUT;
		}

		boolean isThrown() {
			return this == THROWS || this == THROWS_OUT;
		}

		boolean isUnrendered() {
			return this == FAILS_TO_RENDER || this == FAILS_TO_RENDER_OUT;
		}

		boolean runs() {
			return this != NOT_RUN && this != NOT_RUN_OUT && this != DENIED;
		}

	}

	/**
	 * What the answer is written by.
	 */
	enum By {

		STREAM, WRITER, NEITHER

	}

	/**
	 * What is sent.
	 */
	enum Body {

		JSON("POST", "application/json", "{\"amount\":12.50}"),

		FORM("POST", "application/x-www-form-urlencoded", "amount=1%2e5&note=a+b%20c&empty="),

		PATCH_FORM("PATCH", "application/x-www-form-urlencoded", "amount=15"),

		HIDDEN_PATCH_FORM("POST", "application/x-www-form-urlencoded", "_method=PATCH&amount=15"),

		MULTIPART("POST", "multipart/form-data; boundary=x", """
				--x\r
				Content-Disposition: form-data; name="amount"\r
				\r
				15\r
				--x\r
				Content-Disposition: form-data; name="file"; filename="a.txt"\r
				Content-Type: text/plain\r
				\r
				content\r
				--x--\r
				""");

		private final String method;

		private final String type;

		private final String content;

		Body(String method, String type, String content) {
			this.method = method;
			this.type = type;
			this.content = content;
		}

		String method() {
			return this.method;
		}

		String type() {
			return this.type;
		}

		String content() {
			return this.content;
		}

	}

}
