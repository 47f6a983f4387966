package io.idempotency.client;

import java.net.URI;

import org.springframework.http.HttpMethod;

/**
 * Makes the keys of requests that come without one. A bean of this type replaces the
 * default, which makes a random UUID of version 4 for each request.
 */
@FunctionalInterface
public interface IdempotencyKeySource {

	/**
	 * Returns the value of the key header for a request. It may be called by several
	 * threads at once.
	 * @param method the request's method
	 * @param uri where the request is sent
	 * @return a key that no other operation has
	 */
	String newKey(HttpMethod method, URI uri);

}
