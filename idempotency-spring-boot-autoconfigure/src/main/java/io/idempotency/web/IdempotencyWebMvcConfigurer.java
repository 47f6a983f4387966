package io.idempotency.web;

import java.util.List;

import org.springframework.core.Ordered;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import org.springframework.web.servlet.mvc.method.annotation.ExceptionHandlerExceptionResolver;

/**
 * Puts the interceptor behind those of the application, which may refuse the request, and
 * the exception resolver behind the application's {@code @ExceptionHandler} methods.
 */
final class IdempotencyWebMvcConfigurer implements WebMvcConfigurer {

	private final IdempotencyInterceptor interceptor;

	private final IdempotencyExceptionResolver exceptionResolver;

	IdempotencyWebMvcConfigurer(IdempotencyInterceptor interceptor, IdempotencyExceptionResolver exceptionResolver) {
		this.interceptor = interceptor;
		this.exceptionResolver = exceptionResolver;
	}

	@Override
	public void addInterceptors(InterceptorRegistry registry) {
		registry.addInterceptor(this.interceptor).order(Ordered.LOWEST_PRECEDENCE);
	}

	@Override
	public void addArgumentResolvers(List<HandlerMethodArgumentResolver> resolvers) {
		resolvers.add(new IdempotencyContextArgumentResolver());
	}

	@Override
	public void extendHandlerExceptionResolvers(List<HandlerExceptionResolver> resolvers) {
		int behind = 0;
		for (int i = 0; i < resolvers.size(); i++) {
			if (resolvers.get(i) instanceof ExceptionHandlerExceptionResolver) {
				behind = i + 1;
			}
		}
		resolvers.add(behind, this.exceptionResolver);
	}

}
