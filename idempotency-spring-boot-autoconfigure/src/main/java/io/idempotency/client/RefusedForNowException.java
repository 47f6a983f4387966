package io.idempotency.client;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * Carries an answer that is worth another attempt to where attempts are counted. The
 * caller never sees it.
 */
final class RefusedForNowException extends Exception {

	private final transient Object response;

	private final @Nullable Duration retryAfter;

	/**
	 * Creates an exception.
	 * @param response the client's response
	 * @param retryAfter how long the service asks to wait, if it does
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
