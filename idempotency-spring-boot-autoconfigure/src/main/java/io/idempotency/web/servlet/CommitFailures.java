package io.idempotency.web.servlet;

import java.util.Locale;
import java.util.Objects;

import io.idempotency.engine.LeaseLostException;
import io.idempotency.store.CommitUnknownException;
import io.idempotency.store.StoreUnavailableException;
import io.idempotency.web.gate.Problems;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpStatusCode;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.servlet.View;
import org.springframework.web.servlet.ViewResolver;
import org.springframework.web.servlet.support.RequestContextUtils;

/**
 * Writes the response of a handler that has returned, but whose work was not committed.
 * The failure is resolved as if the handler had thrown it: the application's
 * {@code @ExceptionHandler} methods come first.
 */
final class CommitFailures {

	private static final Log logger = LogFactory.getLog(CommitFailures.class);

	private final Problems problems;

	private final ObjectProvider<HandlerExceptionResolver> exceptionResolver;

	private final ObjectProvider<ViewResolver> viewResolvers;

	CommitFailures(Problems problems, ObjectProvider<HandlerExceptionResolver> exceptionResolver,
			ObjectProvider<ViewResolver> viewResolvers) {
		this.problems = problems;
		this.exceptionResolver = exceptionResolver;
		this.viewResolvers = viewResolvers;
	}

	/**
	 * Writes the response.
	 * @return the exception if nothing resolves it, or {@code null} if the response is
	 * written
	 */
	@Nullable RuntimeException answer(DispatchContext dispatch, RuntimeException failure) {
		RuntimeException exception = translate(failure);
		// As in DispatcherServlet: the content types that the handler produces do not
		// apply to its exceptions.
		dispatch.request().removeAttribute(HandlerMapping.PRODUCIBLE_MEDIA_TYPES_ATTRIBUTE);
		try {
			ModelAndView answer = this.exceptionResolver.getObject()
				.resolveException(dispatch.request(), dispatch.response(), dispatch.handler(), exception);
			if (answer == null) {
				return exception;
			}
			render(answer, dispatch);
			return null;
		}
		catch (Exception ex) {
			exception.addSuppressed(ex);
			return exception;
		}
	}

	private void render(ModelAndView answer, DispatchContext dispatch) throws Exception {
		if (answer.isEmpty()) {
			return;
		}
		HttpStatusCode status = answer.getStatus();
		if (status != null) {
			dispatch.response().setStatus(status.value());
		}
		Locale locale = RequestContextUtils.getLocale(dispatch.request());
		View view = (answer.getView() != null) ? answer.getView() : resolve(answer.getViewName(), locale);
		view.render(answer.getModel(), dispatch.request(), dispatch.response());
	}

	private View resolve(@Nullable String name, Locale locale) throws Exception {
		if (name != null) {
			for (ViewResolver resolver : this.viewResolvers.orderedStream().toList()) {
				View view = resolver.resolveViewName(name, locale);
				if (view != null) {
					return view;
				}
			}
		}
		throw new IllegalStateException("There is no view " + Objects.toString(name, "that answers the failure"));
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
