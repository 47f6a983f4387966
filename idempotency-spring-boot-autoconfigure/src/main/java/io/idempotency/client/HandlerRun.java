package io.idempotency.client;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import io.idempotency.IdempotencyContext;
import org.jspecify.annotations.Nullable;

import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/**
 * A run of a protected handler: the record that the keys of its calls are derived from,
 * and which calls it has made so far.
 */
final class HandlerRun {

	private static final String ATTRIBUTE = HandlerRun.class.getName();

	private final IdempotencyContext context;

	private final ConcurrentMap<String, Integer> calls = new ConcurrentHashMap<>();

	private HandlerRun(IdempotencyContext context) {
		this.context = context;
	}

	/**
	 * Returns the run of the handler that this thread works for, or {@code null} if it
	 * works for none, or if its request has no key.
	 */
	static @Nullable HandlerRun current() {
		RequestAttributes request = RequestContextHolder.getRequestAttributes();
		try {
			return (request != null) ? of(request) : null;
		}
		catch (IllegalStateException ex) {
			// The thread has outlived the request that it began with.
			return null;
		}
	}

	private static @Nullable HandlerRun of(RequestAttributes request) {
		Object context = request.getAttribute(IdempotencyContext.ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
		if (!(context instanceof IdempotencyContext current) || current.key() == null) {
			return null;
		}
		synchronized (current) {
			HandlerRun run = (HandlerRun) request.getAttribute(ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
			if (run == null) {
				run = new HandlerRun(current);
				request.setAttribute(ATTRIBUTE, run, RequestAttributes.SCOPE_REQUEST);
			}
			return run;
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
