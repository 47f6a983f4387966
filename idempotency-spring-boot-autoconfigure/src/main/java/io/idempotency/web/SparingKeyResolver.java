package io.idempotency.web;

import jakarta.servlet.http.HttpServletRequest;

/**
 * A resolver that can tell at little cost that a request has no key, so that most
 * requests pass untouched.
 */
interface SparingKeyResolver extends IdempotencyKeyResolver {

	/**
	 * Returns whether a request may have a key, without reading its body.
	 */
	boolean mayHaveKey(HttpServletRequest request);

}
