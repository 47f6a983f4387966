package io.idempotency.web;

import java.util.concurrent.CompletableFuture;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.web.context.request.async.DeferredResult;
import org.springframework.web.context.request.async.WebAsyncManager;
import org.springframework.web.context.request.async.WebAsyncUtils;

/**
 * A request that waits without a thread until it is time to look at its record again. It
 * then comes back to the interceptor in an asynchronous dispatch.
 */
final class SuspendedRequest {

	private static final Long NO_TIMEOUT_OF_THE_CONTAINER = 0L;

	private SuspendedRequest() {
	}

	/**
	 * Suspends a request whose handler has not run.
	 * @param change completed when the request is to go on; cancelled when the client
	 * leaves
	 */
	static void suspend(HttpServletRequest request, HttpServletResponse response, CompletableFuture<Void> change)
			throws Exception {
		DeferredResult<Boolean> wake = new DeferredResult<>(NO_TIMEOUT_OF_THE_CONTAINER);
		wake.onCompletion(() -> change.cancel(false));
		WebAsyncManager async = WebAsyncUtils.getAsyncManager(request);
		async.setAsyncWebRequest(WebAsyncUtils.createAsyncWebRequest(request, response));
		async.startDeferredResultProcessing(wake);
		change.thenRun(() -> wake.setResult(true));
	}

	/**
	 * Makes a suspended request one whose handler has yet to run, as it was before.
	 * @throws Exception what ended the wait, if not the change
	 */
	static void resume(HttpServletRequest request) throws Exception {
		WebAsyncManager async = WebAsyncUtils.getAsyncManager(request);
		Object result = async.getConcurrentResult();
		async.clearConcurrentResult();
		if (result instanceof Exception failure) {
			throw failure;
		}
	}

}
