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
	 * Takes a step, or returns its result from an earlier attempt.
	 * @param <T> the type of the result
	 * @param <E> the type of exception that the work may throw
	 * @param context the context of the attempt
	 * @param name the name of the step
	 * @param type the type that the result is stored as
	 * @param mode how the step is stored, or {@code null} for the mode of the handler
	 * @param work the work of the step
	 * @return the result
	 * @throws E if the work throws it
	 */
	<T extends @Nullable Object, E extends Throwable> T take(IdempotencyContext context, String name, Type type,
			@Nullable StepMode mode, StepWork<T, E> work) throws E;

	/**
	 * Returns steps that are taken without being stored. They are for work that has no
	 * key, or that runs although the store does not answer.
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
	 * @param reason why they cannot be taken, for the exception message
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
