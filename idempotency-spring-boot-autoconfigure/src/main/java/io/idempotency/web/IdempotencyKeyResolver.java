package io.idempotency.web;

import java.io.IOException;

import io.idempotency.web.IdempotencyProperties.KeySyntax;
import org.jspecify.annotations.Nullable;

/**
 * Finds the idempotency key of a request. A bean of this type replaces the default, which
 * reads the header that is named by {@code idempotency.key-header}.
 */
@FunctionalInterface
public interface IdempotencyKeyResolver {

	/**
	 * Returns the key of a request. The caller checks its length and, if
	 * {@code idempotency.enforce-uuid} is set, that it is a UUID.
	 * @param request the request
	 * @return the key; {@code null} or blank if there is none
	 * @throws IllegalArgumentException if there is a key but it is malformed; the message
	 * is sent to the client, says what to change, and must not contain the key
	 * @throws IOException if the resolver looks for the key in the body and the body
	 * cannot be read
	 */
	@Nullable String resolveKey(ProtectedRequest request) throws IOException;

	/**
	 * Returns whether a request may have a key, judging by its request line and headers
	 * only. A request that cannot have one is passed on unchanged.
	 * @param request the request, before its handler is known; its body must not be read
	 * @return {@code false} if {@link #resolveKey} returns no key, regardless of the body
	 */
	default boolean mayHaveKey(ProtectedRequest request) {
		return true;
	}

	/**
	 * Returns a resolver that reads the key from a header like the default resolver: as a
	 * bare value, or as a structured-field String in double quotes. A custom resolver can
	 * delegate to it.
	 * @param name the header's name
	 * @return the resolver
	 */
	static IdempotencyKeyResolver header(String name) {
		return header(name, KeySyntax.LENIENT);
	}

	/**
	 * Returns a resolver that reads the key from a header.
	 * @param name the header's name
	 * @param syntax how the key may be written
	 * @return the resolver
	 */
	static IdempotencyKeyResolver header(String name, KeySyntax syntax) {
		return new HeaderKeyResolver(name, syntax);
	}

}
