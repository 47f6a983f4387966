package io.idempotency.web.gate;

import java.util.List;

import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResponse.Header;
import org.jspecify.annotations.Nullable;

/**
 * A stored response and the notes about it, which are stored among its headers under
 * names that no header can have.
 *
 * @param response the response as the client received it
 * @param traceId the ID of the trace in which it was created; {@code null} if there was
 * no trace
 * @param redirect whether it was sent as a redirect, so that its location is the one that
 * the handler passed
 */
public record StoredNotes(StoredResponse response, @Nullable String traceId, boolean redirect) {

	private static final String TRACE = ":trace";

	private static final String REDIRECT = ":redirect";

	/**
	 * Reads the notes of a response.
	 * @param stored the response as it is stored
	 * @return the response and its notes
	 */
	public static StoredNotes of(StoredResponse stored) {
		String traceId = null;
		boolean redirect = false;
		for (Header header : stored.headers()) {
			traceId = header.name().equals(TRACE) ? header.value() : traceId;
			redirect |= header.name().equals(REDIRECT);
		}
		boolean hasNotes = traceId != null || redirect;
		return new StoredNotes(hasNotes ? withoutNotes(stored) : stored, traceId, redirect);
	}

	private static StoredResponse withoutNotes(StoredResponse stored) {
		List<Header> headers = stored.headers().stream().filter((header) -> !header.name().startsWith(":")).toList();
		return new StoredResponse(stored.status(), headers, stored.body());
	}

	static Header traceNote(String traceId) {
		return new Header(TRACE, traceId);
	}

	static Header redirectNote() {
		return new Header(REDIRECT, "true");
	}

}
