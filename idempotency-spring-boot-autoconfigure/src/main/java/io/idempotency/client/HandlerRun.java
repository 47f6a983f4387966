package io.idempotency.client;

import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyContextHolder;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * A run of a protected method, listener or handler: the record that the keys of its calls
 * are derived from, and which calls it has made so far.
 *
 * @param context what the work knows of its record
 * @param calls how many calls of each request line it has made
 */
record HandlerRun(IdempotencyContext context, ConcurrentMap<String, Integer> calls) {

	private static final Map<IdempotencyContext, ConcurrentMap<String, Integer>> CALLS = Collections
		.synchronizedMap(new WeakHashMap<>());

	/**
	 * Returns the run that this thread works for, or {@code null} if it works for none,
	 * or if it has no key. A method that a handler calls is nearer than the handler.
	 */
	static @Nullable HandlerRun current() {
		IdempotencyContext context = IdempotencyContextHolder.getContext();
		context = (context != null) ? context : ofRequest();
		if (context == null || context.key() == null) {
			return null;
		}
		return new HandlerRun(context, CALLS.computeIfAbsent(context, (newContext) -> new ConcurrentHashMap<>()));
	}

	private static @Nullable IdempotencyContext ofRequest() {
		RequestAttributes request = RequestContextHolder.getRequestAttributes();
		try {
			return (request != null) ? (IdempotencyContext) request.getAttribute(IdempotencyContext.ATTRIBUTE,
					RequestAttributes.SCOPE_REQUEST) : null;
		}
		catch (IllegalStateException ex) {
			// The thread has outlived the request that it began with.
			return null;
		}
	}

	/**
	 * Returns the key of the call that has a name.
	 */
	String keyOfStep(String name) {
		return this.context.derivedKey(name);
	}

	/**
	 * Returns the key of a call that has no name, by how many calls of the same request
	 * line came before.
	 */
	String keyOfNextCall(String requestLine) {
		int ordinal = this.calls.merge(requestLine, 1, Integer::sum);
		return this.context.derivedKey(requestLine + " " + ordinal);
	}

}
