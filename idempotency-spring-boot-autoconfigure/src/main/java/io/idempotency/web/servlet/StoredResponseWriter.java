package io.idempotency.web.servlet;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import io.idempotency.store.StoredResponse;
import io.idempotency.web.gate.ExposedHeaders;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * Writes a stored response as the response of a retry.
 */
final class StoredResponseWriter {

	private final String replayHeader;

	private final @Nullable Integer replayStatus;

	private final ExposedHeaders exposedHeaders;

	StoredResponseWriter(String replayHeader, @Nullable Integer replayStatus, ExposedHeaders exposedHeaders) {
		this.replayHeader = replayHeader;
		this.replayStatus = replayStatus;
		this.exposedHeaders = exposedHeaders;
	}

	/**
	 * Writes a response.
	 * @param stored the first response
	 * @param redirect whether it was sent as a redirect
	 * @param response the response to write to
	 */
	void write(StoredResponse stored, boolean redirect, HttpServletResponse response) throws IOException {
		write(stored, redirect, HttpHeaders.EMPTY, response);
	}

	/**
	 * Writes a response.
	 * @param stored the first response
	 * @param redirect whether it was sent as a redirect
	 * @param headers headers that replace those of the first response
	 * @param response the response to write to
	 */
	void write(StoredResponse stored, boolean redirect, HttpHeaders headers, HttpServletResponse response)
			throws IOException {
		response.setStatus((this.replayStatus != null) ? this.replayStatus : stored.status());
		Set<String> seen = new HashSet<>();
		String location = "";
		for (StoredResponse.Header header : stored.headers()) {
			if (header.name().equalsIgnoreCase(HttpHeaders.CONTENT_TYPE)) {
				setContentType(response, header.value());
			}
			else if (seen.add(header.name().toLowerCase(Locale.ROOT))) {
				response.setHeader(header.name(), header.value());
			}
			else {
				response.addHeader(header.name(), header.value());
			}
			location = header.name().equalsIgnoreCase(HttpHeaders.LOCATION) ? header.value() : location;
		}
		headers.forEach((name, values) -> replace(response, name, values));
		response.setHeader(this.replayHeader, "true");
		String exposed = this.exposedHeaders.addTo(response::getHeaders);
		if (exposed != null) {
			response.setHeader(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
		}
		if (stored.body().length > 0) {
			if (!redirect) {
				response.setContentLength(stored.body().length);
			}
			WrittenBytes.write(response, stored.body());
		}
		if (redirect && this.replayStatus == null) {
			new Redirect(location, stored.status(), stored.body().length == 0).sendTo(response);
		}
	}

	/**
	 * Sets the content type, and removes a charset that a filter has set if the first
	 * response, such as an error page, did not have one.
	 */
	private static void setContentType(HttpServletResponse response, String contentType) {
		response.setContentType(contentType);
		if (!contentType.toLowerCase(Locale.ROOT).contains("charset=")
				&& !contentType.equals(response.getContentType())) {
			response.setCharacterEncoding((String) null);
		}
	}

	private static void replace(HttpServletResponse response, String name, List<String> values) {
		for (int i = 0; i < values.size(); i++) {
			if (i == 0) {
				response.setHeader(name, values.get(i));
			}
			else {
				response.addHeader(name, values.get(i));
			}
		}
	}

}
