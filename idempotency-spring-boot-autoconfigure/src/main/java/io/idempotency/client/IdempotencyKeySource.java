package io.idempotency.client;

import java.net.URI;

import org.springframework.http.HttpMethod;

/**
 * Creates keys for outgoing requests that have none. A bean of this type replaces the
 * default, which creates a random UUID of version 4 for each request.
 */
@FunctionalInterface
public interface IdempotencyKeySource {

	/**
	 * Returns the value of the key header for a request. Several threads may call this
	 * method at the same time.
	 * @param method the HTTP method of the request
	 * @param uri the URI of the request
	 * @return a key that no other operation has
	 */
	String newKey(HttpMethod method, URI uri);

}
