package io.idempotency.web;

import io.idempotency.web.IdempotencyProperties.KeySyntax;
import jakarta.servlet.http.HttpServletRequest;
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
	 * @param request the request, whose body has not been read
	 * @return the key; {@code null} or blank if there is none
	 * @throws IllegalArgumentException if there is a key but it is malformed; the message
	 * says what the client should change, without the key itself
	 */
	@Nullable String resolveKey(HttpServletRequest request);

	/**
	 * Returns a resolver that reads a header as the default does: a bare value, or a
	 * structured-field String in double quotes. A resolver of one's own may begin or end
	 * with it.
	 * @param name the header's name
	 * @return the resolver
	 */
	static IdempotencyKeyResolver header(String name) {
		return new HeaderKeyResolver(name, KeySyntax.LENIENT);
	}

}
