package io.idempotency.client;

import java.io.IOException;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Adds an idempotency key to the requests of a {@code RestClient} or
 * {@code RestTemplate}, unless the caller has set the header.
 */
public final class IdempotencyKeyInterceptor implements ClientHttpRequestInterceptor {

	private final OutgoingKeys keys;

	/**
	 * Creates an interceptor.
	 * @param properties say which requests get a key, and in which header
	 * @param source creates the keys that are not derived from the key of a handler
	 */
	public IdempotencyKeyInterceptor(IdempotencyClientProperties properties, IdempotencyKeySource source) {
		this.keys = new OutgoingKeys(properties, source);
	}

	@Override
	public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
			throws IOException {
		if (!this.keys.isGiven(request.getHeaders())) {
			String key = keyOf(request);
			if (key != null) {
				request.getHeaders().set(this.keys.header(), key);
			}
		}
		return execution.execute(request, body);
	}

	private @Nullable String keyOf(HttpRequest request) {
		Object step = request.getAttributes().get(IdempotencyStep.ATTRIBUTE);
		return this.keys.keyOf(request.getMethod(), request.getURI(), step, HandlerRun.current());
	}

}
