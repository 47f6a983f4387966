package io.idempotency.web.servlet;

import jakarta.servlet.ServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.async.WebAsyncManager;
import org.springframework.web.context.request.async.WebAsyncUtils;

/**
 * Reads the result of an asynchronous handler that has not been rendered yet.
 */
final class AsyncResult {

	private AsyncResult() {
	}

	private static boolean isThere(ServletRequest request) {
		return WebAsyncUtils.getAsyncManager(request).hasConcurrentResult();
	}

	/**
	 * Returns the result.
	 * @return the result, or {@code null} if there is none or the result is {@code null}
	 */
	static @Nullable Object of(ServletRequest request) {
		WebAsyncManager async = WebAsyncUtils.getAsyncManager(request);
		return async.hasConcurrentResult() ? async.getConcurrentResult() : null;
	}

	/**
	 * Tells the follower of the handler about a result that was not rendered and will not
	 * be, if there is one.
	 */
	static void notRendered(HandlerFollower handler, ServletRequest request) {
		if (isThere(request)) {
			Object result = of(request);
			handler.resumed(result);
			if (!(result instanceof Throwable)) {
				handler.failed(new IllegalStateException("The handler's answer was not rendered"));
			}
		}
	}

}
