package io.idempotency.method;

import io.idempotency.IdempotencyContext;
import org.jspecify.annotations.Nullable;

/**
 * Work that runs once for each key.
 *
 * @param <T> the type of the result
 * @param <E> the type of exception that the work may throw
 */
@FunctionalInterface
public interface IdempotentWork<T, E extends Throwable> {

	/**
	 * Runs the work.
	 * @param context gives access to the key, its lease, and derived keys for calls to
	 * other services
	 * @return the result, which later callers also get
	 * @throws E if the work fails; the key is then free, unless the operation
	 * {@linkplain IdempotentOperation#storingExceptions stores} the exception
	 */
	@Nullable T run(IdempotencyContext context) throws E;

}
