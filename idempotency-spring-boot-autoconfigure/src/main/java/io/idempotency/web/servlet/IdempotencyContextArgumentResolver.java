package io.idempotency.web.servlet;

import java.lang.reflect.Type;
import java.util.UUID;

import io.idempotency.IdempotencyContext;
import io.idempotency.StepMode;
import io.idempotency.StepWork;
import io.idempotency.step.Steps;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/**
 * Resolves handler parameters of type {@link IdempotencyContext}.
 */
final class IdempotencyContextArgumentResolver implements HandlerMethodArgumentResolver {

	@Override
	public boolean supportsParameter(MethodParameter parameter) {
		return parameter.getParameterType() == IdempotencyContext.class;
	}

	@Override
	public Object resolveArgument(MethodParameter parameter, @Nullable ModelAndViewContainer mavContainer,
			NativeWebRequest webRequest, @Nullable WebDataBinderFactory binderFactory) {
		HttpServletRequest request = webRequest.getNativeRequest(HttpServletRequest.class);
		IdempotencyExchange exchange = (request != null) ? IdempotencyExchange.of(request) : null;
		return (exchange != null) ? exchange : new Unprotected();
	}

	/**
	 * The context of a request that has no key, or whose handler is not protected.
	 */
	private record Unprotected() implements IdempotencyContext {

		@Override
		public @Nullable String key() {
			return null;
		}

		@Override
		public @Nullable RecordKey recordKey() {
			return null;
		}

		@Override
		public boolean isRetry() {
			return false;
		}

		@Override
		public @Nullable StoredResponse storedResponse() {
			return null;
		}

		@Override
		public boolean isLeaseHeld() {
			return false;
		}

		@Override
		public long fencingToken() {
			return 0;
		}

		@Override
		public String derivedKey(String step) {
			return UUID.randomUUID().toString();
		}

		@Override
		public <T extends @Nullable Object, E extends Throwable> T step(String name, Type type, @Nullable StepMode mode,
				StepWork<T, E> work) throws E {
			return Steps.unprotected().take(this, name, type, mode, work);
		}

	}

}
