package io.idempotency;

import io.idempotency.store.StoredResponse;
import org.jspecify.annotations.Nullable;

/**
 * What a handler may know of the idempotency of its request. A handler gets it as a
 * parameter.
 */
public interface IdempotencyContext {

	/**
	 * Returns the request's idempotency key.
	 * @return the key, or {@code null} if the request is not protected
	 */
	@Nullable String key();

	/**
	 * Returns whether an earlier request with the key has completed. It is always
	 * {@code false} unless the handler is {@link Idempotent#manual() manual}, since other
	 * handlers do not run for a retry.
	 * @return whether the request is a retry
	 */
	boolean isRetry();

	/**
	 * Returns the response that was stored for the key.
	 * @return the first response, or {@code null} if there is none, or if it was too long
	 * to be stored
	 */
	@Nullable StoredResponse storedResponse();

}
