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
 * One run of a protected handler, method or listener. It derives keys for the calls that
 * the run makes, and counts these calls.
 *
 * @param context the context of the run, which derives the keys
 * @param calls how many calls were made so far, by request line
 */
record HandlerRun(IdempotencyContext context, ConcurrentMap<String, Integer> calls) {

	private static final Map<IdempotencyContext, ConcurrentMap<String, Integer>> CALLS = Collections
		.synchronizedMap(new WeakHashMap<>());

	/**
	 * Returns the run that the calling thread belongs to, or {@code null} if there is
	 * none or if it has no key. If a handler has called a protected method, this is the
	 * run of the method.
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
			// The request has ended, but the thread still has its attributes.
			return null;
		}
	}

	/**
	 * Returns the key of a named call.
	 */
	String keyOfStep(String name) {
		return this.context.derivedKey(name);
	}

	/**
	 * Returns the key of the next unnamed call. It is derived from the request line and
	 * from the number of earlier calls with the same request line.
	 */
	String keyOfNextCall(String requestLine) {
		int ordinal = this.calls.merge(requestLine, 1, Integer::sum);
		return this.context.derivedKey(requestLine + " " + ordinal);
	}

}
