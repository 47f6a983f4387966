package io.idempotency;

/**
 * What the work of a {@linkplain IdempotencyContext#step step} may know of it.
 */
public interface Step {

	/**
	 * Returns the name of the step.
	 * @return the name that the handler gave it
	 */
	String name();

	/**
	 * Returns the key of the step for the service that its work calls: the same in every
	 * attempt, so that a service that honours keys does the work once even if the attempt
	 * is cut off before the result is kept.
	 * @return what {@link IdempotencyContext#derivedKey} gives for the name
	 */
	String key();

}
