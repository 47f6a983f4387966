package io.idempotency.web;

/**
 * Determines for which HTTP methods an idempotency key may have an effect.
 */
public interface ProtectedMethods {

	/**
	 * Returns whether any handler of an HTTP method may be protected.
	 * @param httpMethod the method's name in upper case
	 * @return {@code false} if a key has no effect on requests of the method
	 */
	boolean mayProtect(String httpMethod);

}
