package io.idempotency.method;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

import io.idempotency.IdempotencyContext;
import org.jspecify.annotations.Nullable;

/**
 * Runs work once for each key of an operation. It is implemented by
 * {@link IdempotencyTemplate}.
 * <p>
 * The first call runs the work and stores its result. A later call with the same key gets
 * this result, and its work does not run. While the first call runs on this or another
 * instance, a concurrent call is refused, or waits if the operation has a
 * {@linkplain IdempotentOperation#waitTimeout wait timeout}. If the work throws an
 * exception, the key is freed and the caller gets the exception unchanged.
 * <p>
 * A result is stored as JSON and read back as the declared type. The first caller gets
 * the result that the work returned. If the result cannot be stored, because it is longer
 * than {@code idempotency.max-result-size} or cannot be written as JSON, the first caller
 * still gets it. Later callers get an {@link IdempotencyResultException}, because the
 * work has had its effect.
 * <p>
 * If the caller has a transaction, the outcome is stored after that transaction was
 * committed, and the key is freed after it was rolled back. If it is a transaction of the
 * store's database, the record is part of that transaction.
 * <p>
 * In addition to the exceptions of the work, all methods throw an
 * {@link IdempotentCallException} if the key is invalid
 * ({@link IdempotencyKeyInvalidException}), if a concurrent call runs
 * ({@link IdempotencyInProgressException}), if the fingerprint differs
 * ({@link IdempotencyKeyReusedException}), if the first call was interrupted and must not
 * be repeated ({@link IdempotencyOutcomeUnknownException}), if there is no result that
 * can be returned ({@link IdempotencyResultException}), or if the store does not answer
 * ({@link IdempotencyStoreException}). The work did not run in any of these cases.
 */
public interface IdempotencyOperations {

	/**
	 * Runs work once.
	 * @param <T> the type of the result
	 * @param <E> the type of exception that the work may throw
	 * @param operation the name of the operation; equal keys of different operations are
	 * independent, and if an operation is renamed, its existing records are not found any
	 * more
	 * @param key the idempotency key
	 * @param resultType the type that the result is stored as
	 * @param work the work
	 * @return the result of the first call
	 * @throws E if the work throws it
	 */
	default <T, E extends Throwable> @Nullable T execute(String operation, String key, Class<T> resultType,
			IdempotentWork<T, E> work) throws E {
		return execute(IdempotentOperation.of(operation, key, resultType), work);
	}

	/**
	 * Runs work once, and compares its content with that of the first call when the key
	 * is used again.
	 * @param <T> the type of the result
	 * @param <E> the type of exception that the work may throw
	 * @param operation the name of the operation
	 * @param key the idempotency key
	 * @param fingerprint what must be the same when the key is used again: a text, or an
	 * object that is compared by its JSON
	 * @param resultType the type that the result is stored as
	 * @param work the work
	 * @return the result of the first call
	 * @throws E if the work throws it
	 */
	default <T, E extends Throwable> @Nullable T execute(String operation, String key, Object fingerprint,
			Class<T> resultType, IdempotentWork<T, E> work) throws E {
		return execute(IdempotentOperation.of(operation, key, resultType).fingerprint(fingerprint), work);
	}

	/**
	 * Runs work without a result once.
	 * @param operation the name of the operation
	 * @param key the idempotency key
	 * @param work the work
	 */
	default void executeWithoutResult(String operation, String key, Consumer<IdempotencyContext> work) {
		this.<Void, RuntimeException>execute(IdempotentOperation.of(operation, key), (context) -> {
			work.accept(context);
			return null;
		});
	}

	/**
	 * Runs work once.
	 * @param <T> the type of the result
	 * @param <E> the type of exception that the work may throw
	 * @param operation the operation, and how it is protected
	 * @param work the work
	 * @return the result of the first call
	 * @throws E if the work throws it
	 */
	<T, E extends Throwable> @Nullable T execute(IdempotentOperation<T> operation, IdempotentWork<T, E> work) throws E;

	/**
	 * Runs asynchronous work once. The lease is kept until the result of the work is
	 * completed, and the returned result is completed after the outcome was stored.
	 * Exceptions of the store, and exceptions that the work throws before it returns, are
	 * thrown by this method.
	 * @param <T> the type of the result
	 * @param <E> the type of exception that the work may throw
	 * @param operation the operation, and how it is protected; it cannot be transactional
	 * @param work the work
	 * @return the result of the first call
	 * @throws E if the work throws it
	 */
	<T, E extends Throwable> CompletionStage<T> executeAsync(IdempotentOperation<T> operation,
			IdempotentWork<? extends CompletionStage<T>, E> work) throws E;

}
