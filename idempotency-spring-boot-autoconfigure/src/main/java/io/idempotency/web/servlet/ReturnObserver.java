package io.idempotency.web.servlet;

import java.util.List;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.core.MethodParameter;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.WebAsyncUtils;
import org.springframework.web.method.support.AsyncHandlerMethodReturnValueHandler;
import org.springframework.web.method.support.HandlerMethodReturnValueHandler;
import org.springframework.web.method.support.ModelAndViewContainer;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;

/**
 * Observes that a handler has returned before its result is rendered. If the rendering
 * fails, it would otherwise look as if the handler had thrown an exception.
 */
class ReturnObserver implements HandlerMethodReturnValueHandler {

	private final HandlerMethodReturnValueHandler handler;

	private ReturnObserver(HandlerMethodReturnValueHandler handler) {
		this.handler = handler;
	}

	static void addTo(RequestMappingHandlerAdapter adapter) {
		List<HandlerMethodReturnValueHandler> handlers = adapter.getReturnValueHandlers();
		if (handlers != null) {
			adapter.setReturnValueHandlers(handlers.stream().map(ReturnObserver::of).toList());
		}
	}

	private static HandlerMethodReturnValueHandler of(HandlerMethodReturnValueHandler handler) {
		return (handler instanceof AsyncHandlerMethodReturnValueHandler async) ? new Async(async)
				: new ReturnObserver(handler);
	}

	@Override
	public boolean supportsReturnType(MethodParameter returnType) {
		return this.handler.supportsReturnType(returnType);
	}

	@Override
	public void handleReturnValue(@Nullable Object returnValue, MethodParameter returnType,
			ModelAndViewContainer mavContainer, NativeWebRequest webRequest) throws Exception {
		HttpServletRequest request = webRequest.getNativeRequest(HttpServletRequest.class);
		FirstRun run = (request != null) ? FirstRun.of(request) : null;
		if (request == null || run == null || ErrorPages.isErrorPage(request)) {
			this.handler.handleReturnValue(returnValue, returnType, mavContainer, webRequest);
			return;
		}
		run.handler().returned();
		this.handler.handleReturnValue(returnValue, returnType, mavContainer, webRequest);
		if (WebAsyncUtils.getAsyncManager(webRequest).isConcurrentHandlingStarted()) {
			run.handler().promised();
		}
	}

	private static final class Async extends ReturnObserver implements AsyncHandlerMethodReturnValueHandler {

		private final AsyncHandlerMethodReturnValueHandler async;

		Async(AsyncHandlerMethodReturnValueHandler async) {
			super(async);
			this.async = async;
		}

		@Override
		public boolean isAsyncReturnValue(@Nullable Object returnValue, MethodParameter returnType) {
			return this.async.isAsyncReturnValue(returnValue, returnType);
		}

	}

}
