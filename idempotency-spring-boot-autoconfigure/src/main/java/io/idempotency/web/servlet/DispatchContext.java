package io.idempotency.web.servlet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * A dispatch whose handler has ended.
 *
 * @param request the request of the dispatch
 * @param response the response of the dispatch
 * @param handler the handler
 * @param failure the exception that was not resolved, or {@code null}
 */
record DispatchContext(HttpServletRequest request, HttpServletResponse response, Object handler,
		@Nullable Exception failure) {

}
