package io.idempotency.web;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;

import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpEntity;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * How a handler method hands its response over.
 */
enum ReturnKind {

	/**
	 * All at once, when it returns.
	 */
	SYNCHRONOUS,

	/**
	 * All at once, after it has returned.
	 */
	ASYNCHRONOUS,

	/**
	 * Bit by bit, after it has returned.
	 */
	STREAMING;

	static ReturnKind of(HandlerMethod handler) {
		ResolvableType returned = ResolvableType.forMethodReturnType(handler.getMethod());
		Class<?> type = returned.toClass();
		Class<?> body = HttpEntity.class.isAssignableFrom(type) ? returned.as(HttpEntity.class).getGeneric().toClass()
				: type;
		if (ResponseBodyEmitter.class.isAssignableFrom(body) || StreamingResponseBody.class.isAssignableFrom(body)) {
			return STREAMING;
		}
		return (isAsynchronous(type) || isAsynchronous(body)) ? ASYNCHRONOUS : SYNCHRONOUS;
	}

	private static boolean isAsynchronous(Class<?> type) {
		return Callable.class.isAssignableFrom(type) || DeferredResult.class.isAssignableFrom(type)
				|| WebAsyncTask.class.isAssignableFrom(type) || CompletionStage.class.isAssignableFrom(type)
				|| ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null;
	}

}
