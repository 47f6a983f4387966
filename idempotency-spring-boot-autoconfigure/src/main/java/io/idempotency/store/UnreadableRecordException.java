package io.idempotency.store;

import org.jspecify.annotations.Nullable;

/**
 * Thrown where the bytes of a record are not what this version writes: truncated,
 * foreign, of a later format, or a response that no server can send. Since the record
 * proves that its key was used, a request that meets it is always refused.
 */
public class UnreadableRecordException extends RuntimeException {

	public UnreadableRecordException(String message) {
		this(message, null);
	}

	public UnreadableRecordException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
