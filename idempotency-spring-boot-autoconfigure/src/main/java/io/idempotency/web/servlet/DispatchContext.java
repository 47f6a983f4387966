package io.idempotency.web.servlet;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/**
 * A dispatch whose handler has ended.
 *
 * @param request its request
 * @param response its response
 * @param handler the handler
 * @param failure what nobody has answered, or {@code null}
 */
record DispatchContext(HttpServletRequest request, HttpServletResponse response, Object handler,
		@Nullable Exception failure) {

}
