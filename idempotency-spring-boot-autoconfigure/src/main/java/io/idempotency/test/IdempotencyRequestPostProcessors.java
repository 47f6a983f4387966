package io.idempotency.test;

import java.util.UUID;

import org.springframework.test.web.servlet.request.RequestPostProcessor;

/**
 * Adds an idempotency key to requests of {@code MockMvc} and {@code MockMvcTester}, in
 * the header that {@code idempotency.key-header} configures.
 */
public final class IdempotencyRequestPostProcessors {

	private IdempotencyRequestPostProcessors() {
	}

	/**
	 * Returns a post-processor with a new random key. All requests that it is applied to
	 * have the same key: to send a retry, use the same post-processor again.
	 * @return a post-processor whose key is a UUID of version 4
	 */
	public static RequestPostProcessor idempotencyKey() {
		return idempotencyKey(UUID.randomUUID().toString());
	}

	/**
	 * Returns a post-processor with the given key.
	 * @param key the value of the header
	 * @return a post-processor
	 */
	public static RequestPostProcessor idempotencyKey(String key) {
		return (request) -> {
			String name = HeaderName.KEY.in(request);
			request.removeHeader(name);
			request.addHeader(name, key);
			return request;
		};
	}

}
