package io.idempotency.web;

import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResponse.Header;
import org.jspecify.annotations.Nullable;

/**
 * The identifier of the trace that made a response, kept among its headers under a name
 * that no header can have.
 */
final class TraceNote {

	private static final String NAME = ":trace";

	private TraceNote() {
	}

	static Header of(String traceId) {
		return new Header(NAME, traceId);
	}

	static @Nullable String in(StoredResponse response) {
		return response.headers().stream().filter(TraceNote::isNote).map(Header::value).findFirst().orElse(null);
	}

	static StoredResponse removedFrom(StoredResponse response) {
		return new StoredResponse(response.status(),
				response.headers().stream().filter((header) -> !isNote(header)).toList(), response.body());
	}

	private static boolean isNote(Header header) {
		return header.name().equals(NAME);
	}

}
