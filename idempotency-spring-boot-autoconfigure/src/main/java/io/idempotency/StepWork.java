package io.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * The work of a step.
 *
 * @param <T> the type of its result
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface StepWork<T extends @Nullable Object, E extends Throwable> {

	/**
	 * Does the work.
	 * @param step gives the key for calls to other services
	 * @return the result, which later attempts also get
	 * @throws E if the work fails; in this case the step is not taken
	 */
	T run(Step step) throws E;

}
