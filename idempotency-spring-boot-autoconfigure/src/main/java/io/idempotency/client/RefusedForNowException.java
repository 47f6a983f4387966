package io.idempotency.client;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Carries a response that asks for another attempt to the code that counts attempts. The
 * caller never gets this exception.
 */
final class RefusedForNowException extends Exception {

	private final transient Object response;

	private final @Nullable Duration retryAfter;

	/**
	 * Creates an exception.
	 * @param response the response
	 * @param retryAfter how long the service asks the client to wait, or {@code null}
	 */
	RefusedForNowException(Object response, @Nullable Duration retryAfter) {
		super(null, null, false, false);
		this.response = response;
		this.retryAfter = retryAfter;
	}

	<T> T response(Class<T> type) {
		return type.cast(this.response);
	}

	@Nullable Duration retryAfter() {
		return this.retryAfter;
	}

}
