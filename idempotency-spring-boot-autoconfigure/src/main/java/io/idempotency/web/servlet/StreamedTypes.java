package io.idempotency.web.servlet;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.http.MediaType;

/**
 * The content types of responses that come bit by bit.
 */
final class StreamedTypes {

	private static final List<String> TYPES = List.of(MediaType.TEXT_EVENT_STREAM_VALUE,
			MediaType.APPLICATION_NDJSON_VALUE);

	private StreamedTypes() {
	}

	static boolean includes(@Nullable String contentType) {
		return contentType != null && TYPES.stream().anyMatch(contentType::startsWith);
	}

}
