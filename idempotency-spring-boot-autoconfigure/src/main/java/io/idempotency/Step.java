package io.idempotency;

/**
 * Gives the work of a {@linkplain IdempotencyContext#step step} the name and the key of
 * the step.
 */
public interface Step {

	/**
	 * Returns the name of the step.
	 * @return the name that the handler gave it
	 */
	String name();

	/**
	 * Returns an idempotency key for the service that the work calls. The key is the same
	 * in every attempt. A service that honours idempotency keys therefore does the work
	 * once, even if an attempt is interrupted before the result is stored.
	 * @return the key that {@link IdempotencyContext#derivedKey} returns for the name
	 */
	String key();

}
