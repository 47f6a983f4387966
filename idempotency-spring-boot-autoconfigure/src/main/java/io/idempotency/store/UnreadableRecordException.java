package io.idempotency.store;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when this version cannot read the bytes of a record, because they are truncated,
 * were not written by this library, have a later format, or contain a response that no
 * server can send. The record proves that its key was used, so a request with this key is
 * always refused.
 */
public class UnreadableRecordException extends RuntimeException {

	public UnreadableRecordException(String message) {
		this(message, null);
	}

	public UnreadableRecordException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
