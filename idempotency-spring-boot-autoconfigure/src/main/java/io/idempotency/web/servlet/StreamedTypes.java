package io.idempotency.web.servlet;

import org.jspecify.annotations.Nullable;

import org.springframework.http.MediaType;

/**
 * Recognizes the content types of responses that are streamed.
 */
final class StreamedTypes {

	private StreamedTypes() {
	}

	static boolean includes(@Nullable String contentType) {
		return contentType != null && (contentType.startsWith(MediaType.TEXT_EVENT_STREAM_VALUE)
				|| contentType.startsWith(MediaType.APPLICATION_NDJSON_VALUE));
	}

}
