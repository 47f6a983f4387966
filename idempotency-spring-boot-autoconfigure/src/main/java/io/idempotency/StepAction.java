package io.idempotency;

/**
 * The work of a step that has no result.
 *
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface StepAction<E extends Throwable> {

	/**
	 * Does the work.
	 * @param step gives the key for calls to other services
	 * @throws E if the work fails; in this case the step is not taken
	 */
	void run(Step step) throws E;

}
