package io.idempotency.web;

/**
 * Knows which HTTP methods are worth an idempotency key.
 */
public interface ProtectedMethods {

	/**
	 * Returns whether any handler of an HTTP method is protected.
	 * @param httpMethod the method's name in upper case
	 * @return whether a key may have an effect
	 */
	boolean mayProtect(String httpMethod);

}
