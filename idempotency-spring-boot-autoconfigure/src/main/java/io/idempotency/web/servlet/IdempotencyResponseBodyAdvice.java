package io.idempotency.web.servlet;

import org.jspecify.annotations.Nullable;

import org.springframework.core.MethodParameter;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/**
 * Stops holding the response body if the negotiated content type is not stored. It is
 * called after the handler has returned and before its body is written.
 */
@ControllerAdvice
final class IdempotencyResponseBodyAdvice implements ResponseBodyAdvice<Object> {

	@Override
	public boolean supports(MethodParameter returnType, Class<? extends HttpMessageConverter<?>> converterType) {
		return true;
	}

	@Override
	public @Nullable Object beforeBodyWrite(@Nullable Object body, MethodParameter returnType,
			MediaType selectedContentType, Class<? extends HttpMessageConverter<?>> selectedConverterType,
			ServerHttpRequest request, ServerHttpResponse response) {
		if (body != null && request instanceof ServletServerHttpRequest servletRequest) {
			IdempotencyExchange exchange = IdempotencyExchange.of(servletRequest.getServletRequest());
			FirstRun run = (exchange != null) ? exchange.run() : null;
			if (exchange != null && run != null && !run.holds(selectedContentType.toString())) {
				exchange.response().holdNoBody();
			}
		}
		return body;
	}

}
