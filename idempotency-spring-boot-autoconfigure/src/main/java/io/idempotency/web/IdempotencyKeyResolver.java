package io.idempotency.web;

import java.io.IOException;

import io.idempotency.web.IdempotencyProperties.KeySyntax;
import org.jspecify.annotations.Nullable;

/**
 * Finds the idempotency key of a request. A bean of this type replaces the default, which
 * reads the header {@code idempotency.key-header}.
 */
@FunctionalInterface
public interface IdempotencyKeyResolver {

	/**
	 * Returns the key of a request. Its length, and its form where
	 * {@code idempotency.enforce-uuid} is set, are checked by the caller.
	 * @param request the request
	 * @return the key; {@code null} or blank if there is none
	 * @throws IllegalArgumentException if there is a key but it is malformed; the message
	 * says what the client should change, without the key itself
	 * @throws IOException if the body of the request is asked for a key and cannot be
	 * read
	 */
	@Nullable String resolveKey(ProtectedRequest request) throws IOException;

	/**
	 * Returns whether a request may have a key, by a look at its request line and headers
	 * alone. A request that has none is passed on untouched.
	 * @param request the request, before its handler is known and without reading its
	 * body
	 * @return {@code false} if {@link #resolveKey} finds no key, whatever the body is
	 */
	default boolean mayHaveKey(ProtectedRequest request) {
		return true;
	}

	/**
	 * Returns a resolver that reads a header as the default does: a bare value, or a
	 * structured-field String in double quotes. A resolver of one's own may begin or end
	 * with it.
	 * @param name the header's name
	 * @return the resolver
	 */
	static IdempotencyKeyResolver header(String name) {
		return header(name, KeySyntax.LENIENT);
	}

	/**
	 * Returns a resolver that reads a header.
	 * @param name the header's name
	 * @param syntax how the key may be written
	 * @return the resolver
	 */
	static IdempotencyKeyResolver header(String name, KeySyntax syntax) {
		return new HeaderKeyResolver(name, syntax);
	}

}
