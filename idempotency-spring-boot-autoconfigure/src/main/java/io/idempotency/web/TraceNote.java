package io.idempotency.web;

import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResponse.Header;
import org.jspecify.annotations.Nullable;

/**
 * The identifier of the trace that made a response, kept among its headers under a name
 * that no header can have.
 */
public final class TraceNote {

	private static final String NAME = ":trace";

	private TraceNote() {
	}

	static Header of(String traceId) {
		return new Header(NAME, traceId);
	}

	/**
	 * Returns the identifier of the trace that made a response.
	 * @param response the response as it is stored
	 * @return {@code null} if it was not traced
	 */
	public static @Nullable String in(StoredResponse response) {
		return response.headers().stream().filter(TraceNote::isNote).map(Header::value).findFirst().orElse(null);
	}

	/**
	 * Returns a response as its client got it.
	 * @param response the response as it is stored
	 * @return the response without the note, and without what only looks like one
	 */
	public static StoredResponse removedFrom(StoredResponse response) {
		return new StoredResponse(response.status(),
				response.headers().stream().filter((header) -> !header.name().startsWith(":")).toList(),
				response.body());
	}

	private static boolean isNote(Header header) {
		return header.name().equals(NAME);
	}

}
