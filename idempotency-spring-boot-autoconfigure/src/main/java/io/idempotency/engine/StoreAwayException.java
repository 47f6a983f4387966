package io.idempotency.engine;

import io.idempotency.store.StoreUnavailableException;

/**
 * The store was not asked, since it does not answer others.
 */
final class StoreAwayException extends StoreUnavailableException {

	StoreAwayException(String message) {
		super(message);
	}

}
