package io.idempotency.web.servlet;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;

/**
 * Recognizes dispatches that render an error page. An embedded container uses an error
 * dispatch; in a WAR, Spring Boot's {@code ErrorPageFilter} uses a forward.
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
