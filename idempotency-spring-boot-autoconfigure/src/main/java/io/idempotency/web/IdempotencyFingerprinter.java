package io.idempotency.web;

import java.io.IOException;

import io.idempotency.store.Fingerprint;

/**
 * Says what a request asks for: a key that comes again with another fingerprint is
 * refused. A bean of this type replaces the default, which follows
 * {@code idempotency.fingerprint}.
 */
@FunctionalInterface
public interface IdempotencyFingerprinter {

	/**
	 * Returns the fingerprint of a request.
	 * @param request the request
	 * @return the fingerprint, or {@link Fingerprint#ANY} to compare nothing
	 * @throws IOException if the body cannot be read
	 */
	Fingerprint fingerprint(ProtectedRequest request) throws IOException;

}
