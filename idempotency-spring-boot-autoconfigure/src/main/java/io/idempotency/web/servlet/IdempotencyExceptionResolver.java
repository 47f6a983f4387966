package io.idempotency.web.servlet;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;

import io.idempotency.web.IdempotencyException;
import io.idempotency.web.gate.Problems;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.context.MessageSource;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.converter.json.JacksonJsonHttpMessageConverter;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.ModelAndView;

/**
 * Writes the problem document of a refusal that no {@code @ExceptionHandler} has handled,
 * for handlers of any kind.
 */
final class IdempotencyExceptionResolver implements HandlerExceptionResolver {

	private static final Log logger = LogFactory.getLog(IdempotencyExceptionResolver.class);

	private final JacksonJsonHttpMessageConverter json = new JacksonJsonHttpMessageConverter();

	private final MessageSource messageSource;

	private final Problems problems;

	IdempotencyExceptionResolver(MessageSource messageSource, Problems problems) {
		this.messageSource = messageSource;
		this.problems = problems;
	}

	@Override
	public @Nullable ModelAndView resolveException(HttpServletRequest request, HttpServletResponse response,
			@Nullable Object handler, Exception ex) {
		IdempotencyException problem = (ex instanceof IdempotencyException refusal) ? refusal
				: StepRefusals.of(ex, this.problems);
		if (problem == null) {
			return null;
		}
		if (problem != ex) {
			logger.warn(ex.getMessage());
		}
		ProblemDetail body = problem.updateAndGetBody(this.messageSource, LocaleContextHolder.getLocale());
		if (body.getInstance() == null) {
			body.setInstance(instance(request));
		}
		try {
			Message message = new Message(new HttpHeaders(), new ByteArrayOutputStream());
			this.json.write(body, MediaType.APPLICATION_PROBLEM_JSON, message);
			response.setStatus(problem.getStatusCode().value());
			problem.getHeaders().forEach((name, values) -> values.forEach((value) -> response.addHeader(name, value)));
			response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
			WrittenBytes.write(response, message.bytes().toByteArray());
		}
		catch (IOException notSent) {
			logger.debug("The client closed the connection before it received the refusal", notSent);
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

	/**
	 * The message that is written.
	 */
	private record Message(HttpHeaders headers, ByteArrayOutputStream bytes) implements HttpOutputMessage {

		@Override
		public HttpHeaders getHeaders() {
			return this.headers;
		}

		@Override
		public OutputStream getBody() {
			return this.bytes;
		}

	}

}
