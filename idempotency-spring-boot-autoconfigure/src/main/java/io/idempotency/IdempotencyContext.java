package io.idempotency;

import java.lang.reflect.Type;

import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import org.jspecify.annotations.Nullable;

/**
 * Gives a handler the idempotency key, the lease and the stored response of its request,
 * and lets it take steps. A handler gets the context as a method parameter.
 */
public interface IdempotencyContext {

	/**
	 * The name of the request attribute that holds the context of each request that may
	 * be protected.
	 */
	String ATTRIBUTE = IdempotencyContext.class.getName();

	/**
	 * Returns the idempotency key of the request.
	 * @return the key, or {@code null} if the request is not protected
	 */
	@Nullable String key();

	/**
	 * Returns the key of the record in the {@link io.idempotency.store.IdempotencyStore}.
	 * An operator needs it to look at the record or to remove it. Unlike the idempotency
	 * key, it may be logged.
	 * @return the record key, or {@code null} if the request is not protected
	 */
	@Nullable RecordKey recordKey();

	/**
	 * Returns whether an earlier request with the key has completed. This can be
	 * {@code true} only if the handler is {@link Idempotent#manual() manual}, because
	 * other handlers do not run for a retry.
	 * @return whether the request is a retry
	 */
	boolean isRetry();

	/**
	 * Returns the response that is stored for the key.
	 * @return the response to the first request, or {@code null} if there is none or if
	 * it was too long to be stored
	 */
	@Nullable StoredResponse storedResponse();

	/**
	 * Returns whether the request still holds the lease of its key, as far as this
	 * instance knows. A handler that runs for a long time, or was paused, can check this
	 * before it changes anything: if the lease is lost, another request may run the
	 * handler at the same time. The lease can be lost right after this method has
	 * returned. To close this gap, the system that is changed has to compare
	 * {@linkplain #fencingToken() fencing tokens}.
	 * <p>
	 * If the record is written in the same transaction as the work of a method, there is
	 * no lease. This method then returns {@code true} until the transaction ends, because
	 * no other call with the key can run before that.
	 * @return {@code false} if the lease was lost or may have lapsed, or if the request
	 * is not a first request
	 */
	boolean isLeaseHeld();

	/**
	 * Returns a number that increases with each owner of the key. A system that remembers
	 * the highest number can refuse requests with a lower one. The number increases only
	 * as long as the clock of the store is not set back.
	 * @return the token, or 0 if the request is not a first request or has no lease
	 * because its record is written in the same transaction as its work
	 */
	long fencingToken();

	/**
	 * Returns an idempotency key for a call that the handler makes to another service.
	 * The key is derived from the record of the request. It is the same each time the
	 * handler runs for the same operation, on any instance, so that the other service can
	 * recognize the call and return its first answer. Different operations and different
	 * steps have different keys.
	 * <p>
	 * If a client uses its key again after the record has expired, the handler runs
	 * again, but the derived keys are the same as before.
	 * @param step a name for the call, different from the names of the other calls of the
	 * handler
	 * @return a UUID in the format of version 4; if the request is not protected, a
	 * random one on each call
	 */
	String derivedKey(String step);

	/**
	 * Takes a step: runs the work and stores its result with the record before this
	 * method returns. If the attempt fails later or is interrupted, the next attempt with
	 * the key gets the stored result, and the work does not run again. In this way, a
	 * handler resumes where the earlier attempt stopped.
	 * <p>
	 * Each attempt must take the same steps in the same order, but it may end earlier or
	 * take further steps. Steps are taken one after the other and cannot be nested. They
	 * may be taken on different threads. If the request has no key, the work runs and
	 * nothing is stored.
	 * <p>
	 * If the work throws an exception, it is passed on unchanged and the step is not
	 * taken. If the handler reacts to a refusal, the work should return the refusal as a
	 * result. {@link Idempotent#steps()} decides what happens if the process dies after
	 * the work and before its result is stored.
	 * @param <T> the type of the result
	 * @param <E> what the work may throw
	 * @param name the name of the step, unique within the attempt, such as
	 * {@code "capture"} or {@code "ship " + item.id()}; at most 255 characters
	 * @param type the type that Jackson writes the result as and reads it as
	 * @param work the work of the step
	 * @return the result of the work, now or in an earlier attempt
	 * @throws E if the work does
	 * @throws StepMismatchException if an earlier attempt has taken other steps, or the
	 * stored result cannot be read as the type any more; the work did not run
	 * @throws StepNotStoredException if the result could not be stored, or the lease is
	 * lost
	 * @throws IllegalArgumentException if the name is blank or too long, or if Jackson
	 * could not read a result of the type back; the work did not run
	 * @throws IllegalStateException if the name was used before in this attempt, if
	 * another step is running, if the request has ended or is a retry, if there is no
	 * lease because the record is written in the same transaction as the work, or if the
	 * step needs a transaction and the handler does not declare transactional steps; the
	 * work did not run
	 */
	default <T extends @Nullable Object, E extends Throwable> T step(String name, Class<T> type, StepWork<T, E> work)
			throws E {
		return step(name, type, null, work);
	}

	/**
	 * Takes a step as {@link #step(String, Class, StepWork)} does. The type of the result
	 * may be generic, and the mode may differ from that of the other steps.
	 * @param <T> the type of the result
	 * @param <E> what the work may throw
	 * @param name the name of the step
	 * @param type the type that Jackson writes the result as and reads it as, for example
	 * the type of a {@code ParameterizedTypeReference}
	 * @param mode {@link StepMode#SEPARATE} for a step that must not hold a database
	 * connection, such as a call of another service between transactional steps; or
	 * {@code null} to use {@link Idempotent#steps()}
	 * @param work the work of the step
	 * @return the result of the work, now or in an earlier attempt
	 * @throws E if the work does
	 */
	<T extends @Nullable Object, E extends Throwable> T step(String name, Type type, @Nullable StepMode mode,
			StepWork<T, E> work) throws E;

	/**
	 * Takes a step that has no result, as {@link #step(String, Class, StepWork)} does.
	 * @param <E> what the work may throw
	 * @param name the name of the step
	 * @param work the work of the step
	 * @throws E if the work does
	 */
	@SuppressWarnings("NullAway")
	default <E extends Throwable> void step(String name, StepAction<E> work) throws E {
		this.<@Nullable Void, E>step(name, Void.class, null, (step) -> {
			work.run(step);
			return null;
		});
	}

}
