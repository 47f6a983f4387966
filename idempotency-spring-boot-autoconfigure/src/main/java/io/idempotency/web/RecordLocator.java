package io.idempotency.web;

import io.idempotency.store.RecordKey;
import org.jspecify.annotations.Nullable;

/**
 * Finds the record of an idempotency key outside a request, for example for an operator
 * who investigates what happened to one.
 */
public interface RecordLocator {

	/**
	 * Returns the key of the record that belongs to an idempotency key. The record need
	 * not exist.
	 * @param key the idempotency key as the client sent it, without quotes
	 * @param request what is known about the request
	 * @return the key of the record
	 * @throws IllegalArgumentException if more must be known about the request, or if the
	 * idempotency key is malformed; the message says what is missing or wrong
	 */
	RecordKey locate(String key, KnownRequest request);

	/**
	 * What is known about a request. What is not known is {@code null}.
	 *
	 * @param method its HTTP method
	 * @param path the path of its URI as the client sent it, with the context path and
	 * without the query
	 * @param query its query string as the client sent it
	 * @param principal the name of its authenticated principal
	 * @param realm the realm of the principal, such as the issuer of a token or the
	 * registration of a login
	 * @param variant the conditions that distinguish its handler from others of the same
	 * path and method, as returned by {@link ProtectedRequest#variant()}
	 * @param host the host and port that it was sent to
	 */
	record KnownRequest(@Nullable String method, @Nullable String path, @Nullable String query,
			@Nullable String principal, @Nullable String realm, @Nullable String variant, @Nullable String host) {

		/**
		 * A request about which nothing is known.
		 */
		public static final KnownRequest NOTHING = new KnownRequest(null, null, null, null, null, null, null);

	}

}
