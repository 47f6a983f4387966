package io.idempotency;

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
	 * a smaller one than they have seen. It grows as long as the clock of the store does
	 * not go back.
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

}
