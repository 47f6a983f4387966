package io.idempotency.web.servlet;

import jakarta.servlet.ServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.async.WebAsyncManager;
import org.springframework.web.context.request.async.WebAsyncUtils;

/**
 * The result of an asynchronous handler, until it is rendered.
 */
final class AsyncResult {

	private AsyncResult() {
	}

	private static boolean isThere(ServletRequest request) {
		return WebAsyncUtils.getAsyncManager(request).hasConcurrentResult();
	}

	/**
	 * Returns the result.
	 * @return {@code null} if there is none, or if it is that
	 */
	static @Nullable Object of(ServletRequest request) {
		WebAsyncManager async = WebAsyncUtils.getAsyncManager(request);
		return async.hasConcurrentResult() ? async.getConcurrentResult() : null;
	}

	/**
	 * Notes that a result may be there which nobody has begun to render, nor will.
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
