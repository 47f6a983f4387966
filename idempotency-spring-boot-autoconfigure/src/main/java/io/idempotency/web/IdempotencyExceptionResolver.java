package io.idempotency.web;

import java.io.IOException;
import java.net.URI;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.http.server.ServletServerHttpResponse;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Writes a refusal that no {@code @ExceptionHandler} took over, whatever kind of handler
 * it was for.
 */
final class IdempotencyExceptionResolver implements HandlerExceptionResolver {

	private static final Log logger = LogFactory.getLog(IdempotencyExceptionResolver.class);

	private final JacksonJsonHttpMessageConverter json = new JacksonJsonHttpMessageConverter();

	private final MessageSource messageSource;

	IdempotencyExceptionResolver(MessageSource messageSource) {
		this.messageSource = messageSource;
	}

	@Override
	public @Nullable ModelAndView resolveException(HttpServletRequest request, HttpServletResponse response,
			@Nullable Object handler, Exception ex) {
		if (!(ex instanceof IdempotencyException problem)) {
			return null;
		}
		try (ServletServerHttpResponse out = new ServletServerHttpResponse(response)) {
			ProblemDetail body = problem.updateAndGetBody(this.messageSource, LocaleContextHolder.getLocale());
			if (body.getInstance() == null) {
				body.setInstance(instance(request));
			}
			out.setStatusCode(problem.getStatusCode());
			out.getHeaders().putAll(problem.getHeaders());
			this.json.write(body, MediaType.APPLICATION_PROBLEM_JSON, out);
		}
		catch (IOException notSent) {
			logger.debug("The client left before it was refused", notSent);
		}
		return new ModelAndView();
	}

	private static @Nullable URI instance(HttpServletRequest request) {
		try {
			return URI.create(request.getRequestURI());
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
