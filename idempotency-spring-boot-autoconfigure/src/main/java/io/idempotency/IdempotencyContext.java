package io.idempotency;

import java.lang.reflect.Type;

import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import org.jspecify.annotations.Nullable;

/**
 * What a handler may know of the idempotency of its request. A handler gets it as a
 * parameter.
 */
public interface IdempotencyContext {

	/**
	 * The name of the request attribute that holds the context of each request that may
	 * be protected.
	 */
	String ATTRIBUTE = IdempotencyContext.class.getName();

	/**
	 * Returns the request's idempotency key.
	 * @return the key, or {@code null} if the request is not protected
	 */
	@Nullable String key();

	/**
	 * Returns where the record of the request's key is, for people who have to look at it
	 * or to remove it in the {@link io.idempotency.store.IdempotencyStore}. Unlike the
	 * key, it may be logged.
	 * @return the record, or {@code null} if the request is not protected
	 */
	@Nullable RecordKey recordKey();

	/**
	 * Returns whether an earlier request with the key has completed. It is always
	 * {@code false} unless the handler is {@link Idempotent#manual() manual}, since other
	 * handlers do not run for a retry.
	 * @return whether the request is a retry
	 */
	boolean isRetry();

	/**
	 * Returns the response that was stored for the key.
	 * @return the first response, or {@code null} if there is none, or if it was too long
	 * to be stored
	 */
	@Nullable StoredResponse storedResponse();

	/**
	 * Returns whether the request still holds the lease of its key, as far as this
	 * instance knows. A handler that runs long, or was paused, can ask before an effect:
	 * without the lease, another request may run the handler at the same time. The answer
	 * may be out of date when it arrives; only a system that compares
	 * {@linkplain #fencingToken() fencing tokens} closes that gap.
	 * <p>
	 * The work of a method whose record is in one transaction with it has no lease, but
	 * nobody can follow before that transaction ends: the answer is {@code true} until
	 * then.
	 * @return {@code false} if the lease was lost or may have lapsed, or if the request
	 * is not a first request
	 */
	boolean isLeaseHeld();

	/**
	 * Returns a number that grows with each owner of the key, for systems that can refuse
	 * a smaller one than they have seen. It grows as long as the record of the key is in
	 * the store; after that, as long as the clock of the store does not go back.
	 * @return the token, or 0 if the request is not a first request, or has no lease
	 * since its record is in one transaction with its work
	 */
	long fencingToken();

	/**
	 * Returns a key for a call that the handler makes to another service. It is derived
	 * from the record of the request, so that it is the same whenever the handler runs
	 * for the same operation, on whatever instance: the other service can then answer
	 * with what it did the first time. Other operations, and other steps, have other
	 * keys.
	 * <p>
	 * A key that comes again after its record has expired is the same operation here,
	 * although its handler runs as if it were new.
	 * @param step the name of the call among those that the handler makes
	 * @return a UUID in the form of version 4; a random one on each call if the request
	 * is not protected
	 */
	String derivedKey(String step);

	/**
	 * Takes a step: its work runs, and its result is kept with the record before this
	 * returns. If the attempt fails later or is cut off, the next one with the key gets
	 * the result, and the work does not run again. So a handler resumes where it was.
	 * <p>
	 * Each attempt must take the same steps in the same order, though it may end earlier
	 * or go on further. Steps are taken one after the other, not within each other, on
	 * whatever threads. Where there is no key, the work runs and nothing is kept.
	 * <p>
	 * An exception of the work passes unchanged, and the step is not taken: a refusal
	 * that the handler reacts to should be a result instead. What happens if the process
	 * dies between the work and the storing of its result is said by
	 * {@link Idempotent#steps()}.
	 * @param <T> the type of the result
	 * @param <E> what the work may throw
	 * @param name the name of the step, unique in the attempt, such as {@code "capture"}
	 * or {@code "ship " + item.id()}; 255 characters at most
	 * @param type what the result is stored as, by Jackson
	 * @param work the work of the step
	 * @return the result of the work, now or in an earlier attempt
	 * @throws E if the work does
	 * @throws StepMismatchException if an earlier attempt has taken other steps, or the
	 * result does not read as the type any more; the work did not run
	 * @throws StepNotStoredException if the result could not be kept, or the lease is
	 * lost
	 * @throws IllegalArgumentException if the name is blank or too long, or a result of
	 * the type could not be read back; the work did not run
	 * @throws IllegalStateException if the name was used before in this attempt, another
	 * step is being taken, the request has ended or is a retry, there is no lease since
	 * the record is in one transaction with the work, or the step needs a transaction and
	 * the handler does not declare transactional steps; the work did not run
	 */
	default <T extends @Nullable Object, E extends Throwable> T step(String name, Class<T> type, StepWork<T, E> work)
			throws E {
		return step(name, type, null, work);
	}

	/**
	 * Takes a step whose result has a generic type, or that is kept in another way than
	 * the other steps, like {@link #step(String, Class, StepWork)}.
	 * @param <T> the type of the result
	 * @param <E> what the work may throw
	 * @param name the name of the step
	 * @param type what the result is stored as, such as that of a
	 * {@code ParameterizedTypeReference}
	 * @param mode {@link StepMode#SEPARATE} for a step that is to hold no connection of
	 * the database, such as a call of another service among transactional steps, or
	 * {@code null} for what {@link Idempotent#steps()} says
	 * @param work the work of the step
	 * @return the result of the work, now or in an earlier attempt
	 * @throws E if the work does
	 */
	<T extends @Nullable Object, E extends Throwable> T step(String name, Type type, @Nullable StepMode mode,
			StepWork<T, E> work) throws E;

	/**
	 * Takes a step that has no result, like {@link #step(String, Class, StepWork)}.
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
