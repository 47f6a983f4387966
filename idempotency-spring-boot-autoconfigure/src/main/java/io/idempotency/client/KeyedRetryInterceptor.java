package io.idempotency.client;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;

import io.idempotency.client.IdempotencyClientProperties.Retry;
import org.jspecify.annotations.Nullable;

import org.springframework.core.retry.RetryException;
import org.springframework.core.retry.RetryListener;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryState;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.core.retry.Retryable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.support.HttpRequestWrapper;
import org.springframework.util.StringUtils;
import org.springframework.util.backoff.BackOff;
import org.springframework.util.backoff.BackOffExecution;

/**
 * Repeats a request of a {@code RestClient} or {@code RestTemplate} that has an
 * idempotency key if the response is lost or says that the request should be repeated
 * later. A request without a key is sent once. After the last attempt, the caller gets
 * the last response or exception unchanged.
 * <p>
 * The start of the response body is read before the caller gets the response, unless it
 * is a stream of events. If the body breaks off there, the response counts as lost.
 */
public final class KeyedRetryInterceptor implements ClientHttpRequestInterceptor {

	private final String keyHeader;

	private final Retry retry;

	private final RefusalRules refusals;

	/**
	 * Creates an interceptor. It must come after the interceptor that sets keys.
	 * @param keyHeader the header that carries the key
	 * @param retry says when and how often a request is repeated
	 */
	public KeyedRetryInterceptor(String keyHeader, Retry retry) {
		this.keyHeader = keyHeader;
		this.retry = retry;
		this.refusals = new RefusalRules(retry.statuses(), Clock.systemUTC());
	}

	@Override
	public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
			throws IOException {
		if (!StringUtils.hasText(request.getHeaders().getFirst(this.keyHeader))) {
			return execution.execute(request, body);
		}
		RetryTemplate attempts = new RetryTemplate(new Policy(new RetryPauses(this.retry)));
		attempts.setRetryListener(new Closer());
		try {
			return attempts.execute(() -> answer(execution.execute(copyOf(request), body)));
		}
		catch (RetryException ex) {
			return lastAnswer(ex.getCause());
		}
	}

	/**
	 * Copies the headers for one attempt, because later interceptors would otherwise add
	 * their headers once per attempt.
	 */
	private static HttpRequest copyOf(HttpRequest request) {
		HttpHeaders headers = HttpHeaders.copyOf(request.getHeaders());
		return new HttpRequestWrapper(request) {

			@Override
			public HttpHeaders getHeaders() {
				return headers;
			}

		};
	}

	private ClientHttpResponse answer(ClientHttpResponse sent) throws IOException, RefusedForNowException {
		ReadAheadResponse response = ReadAheadResponse.of(sent);
		if (isRefusal(response)) {
			throw new RefusedForNowException(response, this.refusals.retryAfter(response.getHeaders()));
		}
		return response;
	}

	private boolean isRefusal(ReadAheadResponse response) throws IOException {
		return this.refusals.isRefusal(response.getStatusCode())
				|| (this.refusals.isProblem(response.getStatusCode(), response.contentType())
						&& this.refusals.isRefusal(response.start()));
	}

	private static ClientHttpResponse lastAnswer(Throwable failure) throws IOException {
		if (failure instanceof RefusedForNowException refused) {
			return refused.response(ClientHttpResponse.class);
		}
		if (failure instanceof IOException ioException) {
			throw ioException;
		}
		if (failure instanceof Error error) {
			throw error;
		}
		throw (RuntimeException) failure;
	}

	/**
	 * Decides after each failure whether a request is repeated. Each request has its own
	 * policy.
	 */
	private static final class Policy implements RetryPolicy {

		private final RetryPauses pauses;

		private long pause;

		Policy(RetryPauses pauses) {
			this.pauses = pauses;
		}

		@Override
		public boolean shouldRetry(Throwable failure) {
			if (failure instanceof RefusedForNowException refused) {
				return mayPause(refused.retryAfter());
			}
			return failure instanceof IOException && mayPause(null);
		}

		private boolean mayPause(@Nullable Duration asked) {
			this.pause = this.pauses.next(asked);
			return this.pause != BackOffExecution.STOP;
		}

		@Override
		public BackOff getBackOff() {
			return () -> () -> this.pause;
		}

	}

	/**
	 * Closes a refused response right before the next attempt. It is not closed earlier,
	 * because it becomes the last response if the thread is interrupted during the pause.
	 */
	private static final class Closer implements RetryListener {

		@Override
		public void beforeRetry(RetryPolicy policy, Retryable<?> request, RetryState state) {
			if (state.getLastException() instanceof RefusedForNowException refused) {
				refused.response(ClientHttpResponse.class).close();
			}
		}

	}

}
