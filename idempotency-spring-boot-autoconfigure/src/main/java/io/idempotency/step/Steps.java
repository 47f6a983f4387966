package io.idempotency.step;

import java.lang.reflect.Type;

import io.idempotency.IdempotencyContext;
import io.idempotency.StepMode;
import io.idempotency.StepWork;
import org.jspecify.annotations.Nullable;

/**
 * Takes the steps of one attempt.
 */
public interface Steps {

	/**
	 * Takes a step, or returns what came of it in an earlier attempt.
	 * @param <T> the type of the result
	 * @param <E> what the work may throw
	 * @param context what the attempt knows of its record
	 * @param name the name of the step
	 * @param type what the result is stored as
	 * @param mode how it is kept, or {@code null} for the mode of the handler
	 * @param work the work of the step
	 * @return the result
	 * @throws E if the work does
	 */
	<T extends @Nullable Object, E extends Throwable> T take(IdempotencyContext context, String name, Type type,
			@Nullable StepMode mode, StepWork<T, E> work) throws E;

	/**
	 * Returns steps that are taken, and of which nothing is kept: for work that has no
	 * key, or runs although the store does not answer.
	 * @return the steps
	 */
	static Steps unprotected() {
		return new Steps() {

			@Override
			public <T extends @Nullable Object, E extends Throwable> T take(IdempotencyContext context, String name,
					Type type, @Nullable StepMode mode, StepWork<T, E> work) throws E {
				return StepContext.run(context, name, work);
			}

		};
	}

	/**
	 * Returns steps that cannot be taken.
	 * @param reason why, as a sentence
	 * @return the steps
	 */
	static Steps refused(String reason) {
		return new Steps() {

			@Override
			public <T extends @Nullable Object, E extends Throwable> T take(IdempotencyContext context, String name,
					Type type, @Nullable StepMode mode, StepWork<T, E> work) {
				throw new IllegalStateException("The step '" + name + "' cannot be taken: " + reason);
			}

		};
	}

}
