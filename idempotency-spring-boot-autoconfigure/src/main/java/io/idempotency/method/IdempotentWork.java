package io.idempotency.method;

import io.idempotency.IdempotencyContext;
import org.jspecify.annotations.Nullable;

/**
 * Work that runs once for each key.
 *
 * @param <T> the type of its result
 * @param <E> what it may throw
 */
@FunctionalInterface
public interface IdempotentWork<T, E extends Throwable> {

	/**
	 * Does the work.
	 * @param context tells about the key, its lease, and keys for calls to other services
	 * @return the result, which later callers get, too
	 * @throws E if the work fails; the key is then free, unless the operation
	 * {@linkplain IdempotentOperation#storingExceptions stores} the exception
	 */
	@Nullable T run(IdempotencyContext context) throws E;

}
