package io.idempotency.web;

import java.io.IOException;

/**
 * Tells whose key, and for which operation, a key is: equal keys in different scopes have
 * nothing to do with each other. A bean of this type replaces the default, which follows
 * {@code idempotency.scope} and {@code idempotency.scope-headers}.
 */
@FunctionalInterface
public interface IdempotencyScopeResolver {

	/**
	 * Returns the scope of a request.
	 * @param request the request
	 * @return any text; it is digested, never stored or shown
	 * @throws IOException if the body cannot be read
	 */
	String resolveScope(ProtectedRequest request) throws IOException;

}
