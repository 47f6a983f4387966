package io.idempotency.web;

import io.idempotency.store.RecordKey;
import org.jspecify.annotations.Nullable;

/**
 * Finds the record of a key when no request is there, for people who look into what
 * became of one.
 */
public interface RecordLocator {

	/**
	 * Returns the record of a key.
	 * @param key the idempotency key as the client sent it, without quotes
	 * @param request what is known of the request
	 * @return where the record is, if there is one
	 * @throws IllegalArgumentException if more must be known of the request, or if the
	 * key is malformed; the message says what
	 */
	RecordKey locate(String key, KnownRequest request);

	/**
	 * What is known of a request.
	 *
	 * @param method its HTTP method
	 * @param path the path of its URI as the client sent it, with the context path and
	 * without the query
	 * @param query its query string as the client sent it
	 * @param principal the name of its authenticated principal
	 * @param realm where the principal comes from, such as the issuer of a token or the
	 * registration of a login
	 * @param variant what tells its handler from others of the same path and method, as
	 * {@link ProtectedRequest#variant()} has it
	 * @param host the host and port that it was sent to
	 */
	record KnownRequest(@Nullable String method, @Nullable String path, @Nullable String query,
			@Nullable String principal, @Nullable String realm, @Nullable String variant, @Nullable String host) {

		/**
		 * Nothing is known.
		 */
		public static final KnownRequest NOTHING = new KnownRequest(null, null, null, null, null, null, null);

	}

}
