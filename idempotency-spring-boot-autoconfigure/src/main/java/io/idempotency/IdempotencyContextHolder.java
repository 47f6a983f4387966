package io.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * Gives the work of a protected method or listener its {@link IdempotencyContext}, on the
 * thread that calls it. A handler of HTTP requests gets its context as a parameter.
 */
public final class IdempotencyContextHolder {

	private static final ThreadLocal<IdempotencyContext> CURRENT = new ThreadLocal<>();

	private IdempotencyContextHolder() {
	}

	/**
	 * Returns the context of the protected method or listener that the calling thread
	 * runs, the innermost if there are several.
	 * @return the context, or {@code null} if the thread runs none
	 */
	public static @Nullable IdempotencyContext getContext() {
		return CURRENT.get();
	}

	/**
	 * Runs work with a context. Applications that hand a part of the work to another
	 * thread can let it have the context there.
	 * @param <T> what comes of the work
	 * @param <E> what the work may throw
	 * @param context the context of the work
	 * @param work the work
	 * @return what came of it
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
	 * Work that has a context.
	 *
	 * @param <T> what comes of it
	 * @param <E> what it may throw
	 */
	@FunctionalInterface
	public interface Work<T, E extends Throwable> {

		/**
		 * Does the work.
		 * @return what comes of it
		 * @throws E if it fails
		 */
		@Nullable T run() throws E;

	}

}
