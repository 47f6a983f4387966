package io.idempotency.web;

import java.io.IOException;

/**
 * Resolves the scope of a key, such as the principal and the operation that it belongs
 * to. Equal keys in different scopes are independent of each other. A bean of this type
 * replaces the default, which is configured by {@code idempotency.scope} and
 * {@code idempotency.scope-headers}.
 */
@FunctionalInterface
public interface IdempotencyScopeResolver {

	/**
	 * Returns the scope of a request.
	 * @param request the request
	 * @return any text; it is only hashed, never stored or shown
	 * @throws IOException if the body cannot be read
	 */
	String resolveScope(ProtectedRequest request) throws IOException;

}
