package io.idempotency.test;

import java.util.UUID;

import org.springframework.test.web.servlet.request.RequestPostProcessor;

/**
 * Gives requests of {@code MockMvc} and {@code MockMvcTester} an idempotency key, in the
 * header that {@code idempotency.key-header} names.
 */
public final class IdempotencyRequestPostProcessors {

	private IdempotencyRequestPostProcessors() {
	}

	/**
	 * Returns a post-processor with a key that no other test uses. Every request that it
	 * is applied to has the same key: keep it to send a retry.
	 * @return a post-processor whose key is a UUID of version 4
	 */
	public static RequestPostProcessor idempotencyKey() {
		return idempotencyKey(UUID.randomUUID().toString());
	}

	/**
	 * Returns a post-processor with a key.
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
