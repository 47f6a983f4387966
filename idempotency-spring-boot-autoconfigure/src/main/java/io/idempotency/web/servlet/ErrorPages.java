package io.idempotency.web.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;

/**
 * Tells the dispatches that answer for a request which failed. In a WAR, Spring Boot's
 * {@code ErrorPageFilter} forwards where an embedded container has a dispatch of its own.
 */
final class ErrorPages {

	private ErrorPages() {
	}

	static boolean isErrorPage(HttpServletRequest request) {
		return request.getDispatcherType() == DispatcherType.ERROR
				|| (request.getDispatcherType() == DispatcherType.FORWARD
						&& request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE) != null);
	}

}
