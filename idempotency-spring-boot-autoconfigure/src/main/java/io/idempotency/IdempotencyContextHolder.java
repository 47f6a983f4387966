package io.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * Gives the code of a protected method or listener its {@link IdempotencyContext}, on the
 * thread that runs the method or listener. An HTTP handler gets its context as a
 * parameter instead.
 */
public final class IdempotencyContextHolder {

	private static final ThreadLocal<IdempotencyContext> CURRENT = new ThreadLocal<>();

	private IdempotencyContextHolder() {
	}

	/**
	 * Returns the context of the protected method or listener that the calling thread
	 * runs. If calls are nested, this is the context of the innermost one.
	 * @return the context, or {@code null} if the thread does not run a protected method
	 * or listener
	 */
	public static @Nullable IdempotencyContext getContext() {
		return CURRENT.get();
	}

	/**
	 * Runs work with a context. An application that moves a part of its work to another
	 * thread can use this method to make the context available there.
	 * @param <T> the type of the result
	 * @param <E> what the work may throw
	 * @param context the context of the work
	 * @param work the work
	 * @return the result of the work
	 * @throws E if the work does
	 */
	public static <T, E extends Throwable> @Nullable T with(IdempotencyContext context, Work<T, E> work) throws E {
		IdempotencyContext outer = CURRENT.get();
		CURRENT.set(context);
		try {
			return work.run();
		}
		finally {
			if (outer != null) {
				CURRENT.set(outer);
			}
			else {
				CURRENT.remove();
			}
		}
	}

	/**
	 * Work that runs with a context.
	 *
	 * @param <T> the type of the result
	 * @param <E> what it may throw
	 */
	@FunctionalInterface
	public interface Work<T, E extends Throwable> {

		/**
		 * Does the work.
		 * @return the result
		 * @throws E if it fails
		 */
		@Nullable T run() throws E;

	}

}
