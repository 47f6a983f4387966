package io.idempotency.web;

import io.idempotency.engine.LeaseLostException;
import io.idempotency.store.CommitUnknownException;
import io.idempotency.store.StoreUnavailableException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;

/**
 * Answers for a handler whose work was not committed, although it has returned: as if it
 * had thrown the exception, by the application's {@code @ExceptionHandler} methods first.
 */
final class CommitFailures {

	private static final Log logger = LogFactory.getLog(CommitFailures.class);

	private final Problems problems;

	private final HandlerExceptionResolver resolver;

	private final Object handler;

	CommitFailures(Problems problems, HandlerExceptionResolver resolver, Object handler) {
		this.problems = problems;
		this.resolver = resolver;
		this.handler = handler;
	}

	/**
	 * Writes the answer, or throws what nobody answers for, which the container does.
	 */
	void answer(HttpServletRequest request, HttpServletResponse response, RuntimeException failure) {
		RuntimeException exception = translate(failure);
		// As DispatcherServlet does for an exception: what the handler produces is not
		// what is answered now.
		request.removeAttribute(HandlerMapping.PRODUCIBLE_MEDIA_TYPES_ATTRIBUTE);
		ModelAndView answer = this.resolver.resolveException(request, response, this.handler, exception);
		if (answer == null || !answer.isEmpty()) {
			throw exception;
		}
	}

	private RuntimeException translate(RuntimeException failure) {
		if (failure instanceof LeaseLostException) {
			logger.warn(failure.getMessage());
			return this.problems.leaseLost(failure);
		}
		if (failure instanceof CommitUnknownException) {
			logger.warn(failure.getMessage());
			return this.problems.commitUnknown(failure);
		}
		if (failure instanceof StoreUnavailableException) {
			logger.warn(failure.getMessage());
			return this.problems.storeUnavailable(failure);
		}
		return failure;
	}

}
