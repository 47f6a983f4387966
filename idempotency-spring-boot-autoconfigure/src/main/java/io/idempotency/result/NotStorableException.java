package io.idempotency.result;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when a result cannot be stored. The message gives the reason as a clause without
 * a full stop, such as "it has 10 bytes".
 */
public final class NotStorableException extends RuntimeException {

	NotStorableException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
