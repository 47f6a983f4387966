package io.idempotency.web.servlet;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;

import io.idempotency.policy.ResultKind;

import org.springframework.core.KotlinDetector;
import org.springframework.core.ReactiveAdapterRegistry;
import org.springframework.core.ResolvableType;
import org.springframework.http.HttpEntity;
import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncTask;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyEmitter;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * Determines from its return type how a handler method returns its response.
 */
final class ResultKinds {

	private ResultKinds() {
	}

	static ResultKind of(HandlerMethod handler) {
		ResolvableType returned = ResolvableType.forMethodReturnType(handler.getMethod());
		Class<?> type = returned.toClass();
		Class<?> body = HttpEntity.class.isAssignableFrom(type) ? returned.as(HttpEntity.class).getGeneric().toClass()
				: type;
		if (ResponseBodyEmitter.class.isAssignableFrom(body) || StreamingResponseBody.class.isAssignableFrom(body)) {
			return ResultKind.STREAMING;
		}
		if (KotlinDetector.isSuspendingFunction(handler.getMethod())) {
			return ResultKind.ASYNCHRONOUS;
		}
		return (isAsynchronous(type) || isAsynchronous(body)) ? ResultKind.ASYNCHRONOUS : ResultKind.SYNCHRONOUS;
	}

	private static boolean isAsynchronous(Class<?> type) {
		return Callable.class.isAssignableFrom(type) || DeferredResult.class.isAssignableFrom(type)
				|| WebAsyncTask.class.isAssignableFrom(type) || CompletionStage.class.isAssignableFrom(type)
				|| ReactiveAdapterRegistry.getSharedInstance().getAdapter(type) != null;
	}

}
