package io.idempotency.web;

import java.io.IOException;

import io.idempotency.store.Fingerprint;

/**
 * Says what a request asks for: a key that comes again with another fingerprint is
 * refused. A bean of this type replaces the default, which follows
 * {@code idempotency.fingerprint}.
 */
@FunctionalInterface
public interface RequestFingerprinter {

	/**
	 * Returns the fingerprint of a request.
	 * @param request the request; its body may be read, and still reaches the handler
	 * @return the fingerprint, or {@link Fingerprint#ANY} to compare nothing
	 * @throws IOException if the body cannot be read
	 */
	Fingerprint fingerprint(ProtectedRequest request) throws IOException;

}
