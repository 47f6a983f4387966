package io.idempotency.web;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

import io.idempotency.store.StoredResponse;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;

/**
 * Sends a stored response to a client that repeats its request.
 */
final class StoredResponseWriter {

	private final IdempotencyProperties properties;

	private final ExposedHeaders exposedHeaders;

	StoredResponseWriter(IdempotencyProperties properties, ExposedHeaders exposedHeaders) {
		this.properties = properties;
		this.exposedHeaders = exposedHeaders;
	}

	void write(StoredResponse stored, HttpServletResponse response) throws IOException {
		Integer replayStatus = this.properties.replayStatus();
		response.setStatus((replayStatus != null) ? replayStatus : stored.status());
		Set<String> seen = new HashSet<>();
		for (StoredResponse.Header header : stored.headers()) {
			if (header.name().equalsIgnoreCase(HttpHeaders.CONTENT_TYPE)) {
				response.setContentType(header.value());
			}
			else if (seen.add(header.name())) {
				response.setHeader(header.name(), header.value());
			}
			else {
				response.addHeader(header.name(), header.value());
			}
		}
		response.setHeader(this.properties.replayHeader(), "true");
		// The first response may have set the header anew.
		this.exposedHeaders.addTo(response);
		if (stored.body().length > 0) {
			response.setContentLength(stored.body().length);
			response.getOutputStream().write(stored.body());
		}
	}

}
