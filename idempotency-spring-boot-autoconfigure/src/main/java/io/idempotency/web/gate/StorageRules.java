package io.idempotency.web.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import io.idempotency.engine.RequestTracing;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResponse.Header;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.StatusRange;
import io.idempotency.web.operation.JsonContent;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;

/**
 * Decides which responses are stored, and which parts of them.
 */
public final class StorageRules {

	/**
	 * Headers that belong to one exchange or connection, or that a container sets by
	 * itself.
	 */
	private static final Set<String> NEVER_STORED = Set.of(HttpHeaders.SET_COOKIE, "Set-Cookie2", HttpHeaders.DATE,
			HttpHeaders.CONNECTION, "Keep-Alive", HttpHeaders.PROXY_AUTHENTICATE, HttpHeaders.PROXY_AUTHORIZATION,
			"Proxy-Connection", HttpHeaders.TE, HttpHeaders.TRAILER, HttpHeaders.TRANSFER_ENCODING, HttpHeaders.UPGRADE,
			HttpHeaders.CONTENT_LENGTH);

	/**
	 * The prefix of the CORS headers, which belong to the origin of one request (Fetch
	 * Standard, section 3.3.3).
	 */
	private static final String CORS = "access-control-";

	private static final Pattern SESSION_ID = Pattern.compile(";jsessionid=[^;/?#]*", Pattern.CASE_INSENSITIVE);

	private final List<StatusRange> statuses;

	private final boolean storesExceptions;

	private final List<MediaType> contentTypes;

	private final RequestTracing tracing;

	private final Set<String> excludedHeaders = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

	/**
	 * Creates the rules.
	 * @param properties the settings of the application
	 * @param tracing provides the trace ID that is stored with a response
	 */
	public StorageRules(IdempotencyProperties properties, RequestTracing tracing) {
		this.statuses = properties.storeOnStatuses();
		this.storesExceptions = properties.storeOnException();
		this.contentTypes = properties.responseContentTypes();
		this.tracing = tracing;
		this.excludedHeaders.addAll(NEVER_STORED);
		this.excludedHeaders.addAll(properties.excludedHeaders());
		this.excludedHeaders.add(properties.replayHeader());
	}

	/**
	 * Returns whether responses with a status are stored. Informational responses are
	 * never stored.
	 * @param status the HTTP status
	 * @return whether they are stored
	 */
	public boolean storesStatus(int status) {
		for (StatusRange range : this.statuses) {
			if (range.contains(status)) {
				return status >= HttpStatus.OK.value();
			}
		}
		return false;
	}

	/**
	 * Returns whether an error page is stored.
	 * @param status the status of the page
	 * @param thrown whether the page answers an unhandled exception; otherwise the
	 * handler has called {@code sendError}
	 * @return whether it is stored
	 */
	public boolean storesErrorPage(int status, boolean thrown) {
		return storesStatus(status) && (!thrown || this.storesExceptions);
	}

	/**
	 * Returns whether a complete response is stored. A body without a content type is
	 * treated as JSON if it parses as JSON.
	 * @param response the response
	 * @return whether it is stored
	 */
	public boolean stores(ResponseSnapshot response) {
		return storesStatus(response.status()) && storesBody(response);
	}

	/**
	 * Returns whether the body of a complete response is stored, regardless of its
	 * status.
	 * @param response the response
	 * @return whether it is stored
	 */
	public boolean storesBody(ResponseSnapshot response) {
		return response.body().length == 0 || storesContentType(response.contentType())
				|| (response.contentType() == null && storesContentType(MediaType.APPLICATION_JSON_VALUE)
						&& JsonContent.isValid(response.body()));
	}

	/**
	 * Returns whether bodies of a content type are stored.
	 * @param contentType the value of the header, or {@code null}
	 * @return whether they are stored
	 */
	public boolean storesContentType(@Nullable String contentType) {
		if (this.contentTypes.isEmpty()) {
			return true;
		}
		if (contentType == null) {
			return false;
		}
		try {
			MediaType mediaType = MediaType.parseMediaType(contentType);
			return this.contentTypes.stream().anyMatch((stored) -> stored.includes(mediaType));
		}
		catch (InvalidMediaTypeException ex) {
			return false;
		}
	}

	/**
	 * Returns a response in the form in which it is stored, with the headers that were
	 * set or changed after the handler was called.
	 * @param response the complete response
	 * @param headersBefore the headers before the handler was called, by name, which is
	 * not case-sensitive
	 * @return the response that retries receive
	 */
	public StoredResponse toStore(ResponseSnapshot response, Map<String, List<String>> headersBefore) {
		List<Header> stored = new ArrayList<>();
		response.headers().forEach((name, values) -> {
			if (isStored(name) && !values.equals(headersBefore.get(name))) {
				values.forEach((value) -> stored.add(new Header(name, valueToStore(name, value))));
			}
		});
		String contentType = response.contentType();
		if (contentType != null && isStored(HttpHeaders.CONTENT_TYPE) && !contains(stored, HttpHeaders.CONTENT_TYPE)) {
			stored.add(new Header(HttpHeaders.CONTENT_TYPE, contentType));
		}
		String traceId = this.tracing.traceId();
		if (traceId != null) {
			stored.add(StoredNotes.traceNote(traceId));
		}
		if (response.redirect()) {
			stored.add(StoredNotes.redirectNote());
		}
		return new StoredResponse(response.status(), stored, response.body());
	}

	private static boolean contains(List<Header> headers, String name) {
		for (Header header : headers) {
			if (header.name().equalsIgnoreCase(name)) {
				return true;
			}
		}
		return false;
	}

	private boolean isStored(String header) {
		return !this.excludedHeaders.contains(header) && !StringUtils.startsWithIgnoreCase(header, CORS);
	}

	private static String valueToStore(String header, String value) {
		boolean location = header.equalsIgnoreCase(HttpHeaders.LOCATION)
				|| header.equalsIgnoreCase(HttpHeaders.CONTENT_LOCATION);
		return location ? SESSION_ID.matcher(value).replaceAll("") : value;
	}

}
