package io.idempotency.engine;

import io.idempotency.store.StoreUnavailableException;

/**
 * Thrown when the store was not called because it does not answer other requests.
 */
final class StoreAwayException extends StoreUnavailableException {

	StoreAwayException(String message) {
		super(message);
	}

}
