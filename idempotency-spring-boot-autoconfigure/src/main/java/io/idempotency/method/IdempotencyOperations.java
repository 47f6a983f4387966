package io.idempotency.method;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

import io.idempotency.IdempotencyContext;
import org.jspecify.annotations.Nullable;

/**
 * Runs work once for each key of an operation. {@link IdempotencyTemplate} implements it.
 * <p>
 * The first call runs the work and stores its result; a later call with the key gets that
 * result, and its work does not run. While the first call runs, here or on another
 * instance, a concurrent one is refused, or waits if the operation says so. Work that
 * throws frees the key, and its exception reaches the caller unchanged.
 * <p>
 * A result is stored as JSON and read back as the declared type. The first caller gets it
 * as the work returned it. A result that cannot be stored, because it is longer than
 * {@code idempotency.max-result-size} or cannot be written, reaches the first caller;
 * later ones get an {@link IdempotencyResultException}, since the work has had its
 * effect.
 * <p>
 * In a caller's transaction, the outcome is stored when that transaction has been
 * committed, and the key is freed when it has been rolled back. Where that transaction is
 * one of the store's own database, the record is a part of it.
 * <p>
 * All methods throw, besides what the work throws, an {@link IdempotentCallException}:
 * when the key is no key ({@link IdempotencyKeyInvalidException}), a concurrent call runs
 * ({@link IdempotencyInProgressException}), the fingerprint is another one
 * ({@link IdempotencyKeyReusedException}), the first call was cut off and is not to be
 * repeated ({@link IdempotencyOutcomeUnknownException}), there is no result to give
 * ({@link IdempotencyResultException}), or the store does not answer
 * ({@link IdempotencyStoreException}). The work has not run in any of these cases.
 */
public interface IdempotencyOperations {

	/**
	 * Runs work once.
	 * @param <T> the type of the result
	 * @param <E> what the work may throw
	 * @param operation names the operation: equal keys of different operations have
	 * nothing to do with each other, and to rename one makes all its keys new
	 * @param key the idempotency key
	 * @param resultType the type that the result is stored as
	 * @param work the work
	 * @return the result of the first call
	 * @throws E if the work does
	 */
	default <T, E extends Throwable> @Nullable T execute(String operation, String key, Class<T> resultType,
			IdempotentWork<T, E> work) throws E {
		return execute(IdempotentOperation.of(operation, key, resultType), work);
	}

	/**
	 * Runs work once, whose content is compared when its key comes again.
	 * @param <T> the type of the result
	 * @param <E> what the work may throw
	 * @param operation names the operation
	 * @param key the idempotency key
	 * @param fingerprint what must be the same when the key comes again; a text, or an
	 * object that is compared by its JSON
	 * @param resultType the type that the result is stored as
	 * @param work the work
	 * @return the result of the first call
	 * @throws E if the work does
	 */
	default <T, E extends Throwable> @Nullable T execute(String operation, String key, Object fingerprint,
			Class<T> resultType, IdempotentWork<T, E> work) throws E {
		return execute(IdempotentOperation.of(operation, key, resultType).fingerprint(fingerprint), work);
	}

	/**
	 * Runs work once that has no result.
	 * @param operation names the operation
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
	 * @param <E> what the work may throw
	 * @param operation what is done, and how it is protected
	 * @param work the work
	 * @return the result of the first call
	 * @throws E if the work does
	 */
	<T, E extends Throwable> @Nullable T execute(IdempotentOperation<T> operation, IdempotentWork<T, E> work) throws E;

	/**
	 * Runs work once whose result comes later. The lease is kept until then, and the
	 * caller's result is completed when the outcome is stored. What is thrown while the
	 * store is asked, or by the work before it returns, is thrown here.
	 * @param <T> the type of the result
	 * @param <E> what the work may throw
	 * @param operation what is done, and how it is protected; it cannot be transactional
	 * @param work the work
	 * @return the result of the first call
	 * @throws E if the work does
	 */
	<T, E extends Throwable> CompletionStage<T> executeAsync(IdempotentOperation<T> operation,
			IdempotentWork<? extends CompletionStage<T>, E> work) throws E;

}
