package io.idempotency.web;

import java.io.IOException;

import io.idempotency.store.Fingerprint;

/**
 * Computes the fingerprint of a request. A request whose key was used before with another
 * fingerprint is refused. A bean of this type replaces the default, which is configured
 * by {@code idempotency.fingerprint}.
 */
@FunctionalInterface
public interface IdempotencyFingerprinter {

	/**
	 * Returns the fingerprint of a request.
	 * @param request the request
	 * @return the fingerprint, or {@link Fingerprint#ANY} to accept any request with the
	 * key
	 * @throws IOException if the body cannot be read
	 */
	Fingerprint fingerprint(ProtectedRequest request) throws IOException;

}
