package io.idempotency.result;

import org.jspecify.annotations.Nullable;

/**
 * Says why a result cannot be stored, in words that follow "since".
 */
public final class NotStorableException extends RuntimeException {

	NotStorableException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
