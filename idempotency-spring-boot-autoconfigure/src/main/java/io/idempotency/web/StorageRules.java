package io.idempotency.web;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResponse.Header;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;

/**
 * Says which responses are stored, and what of them.
 */
final class StorageRules {

	/**
	 * What belongs to one exchange or one connection, and what a container sets by
	 * itself.
	 */
	private static final Set<String> NEVER_STORED = Set.of(HttpHeaders.SET_COOKIE, "Set-Cookie2", HttpHeaders.DATE,
			HttpHeaders.CONNECTION, "Keep-Alive", HttpHeaders.PROXY_AUTHENTICATE, HttpHeaders.PROXY_AUTHORIZATION,
			"Proxy-Connection", HttpHeaders.TE, HttpHeaders.TRAILER, HttpHeaders.TRANSFER_ENCODING, HttpHeaders.UPGRADE,
			HttpHeaders.CONTENT_LENGTH);

	private final IdempotencyProperties properties;

	private final RequestTracing tracing;

	private final Set<String> excludedHeaders = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

	StorageRules(IdempotencyProperties properties, RequestTracing tracing) {
		this.properties = properties;
		this.tracing = tracing;
		this.excludedHeaders.addAll(NEVER_STORED);
		this.excludedHeaders.addAll(properties.excludedHeaders());
		this.excludedHeaders.add(properties.replayHeader());
	}

	/**
	 * Returns whether responses of a status are stored. An informational one is no
	 * response that a retry could get.
	 */
	boolean storesStatus(int status) {
		return status >= HttpStatus.OK.value()
				&& this.properties.storeOnStatuses().stream().anyMatch((range) -> range.contains(status));
	}

	/**
	 * Returns whether an error page is stored.
	 * @param failure what nobody handled, or {@code null} if the handler asked for the
	 * page
	 */
	boolean storesErrorPage(int status, @Nullable Throwable failure) {
		return storesStatus(status) && (failure == null || this.properties.storeOnException());
	}

	/**
	 * Returns whether a complete body is stored. One without a type is JSON if it reads
	 * as JSON.
	 */
	boolean storesBody(@Nullable String contentType, byte[] body) {
		return body.length == 0 || storesContentType(contentType) || (contentType == null
				&& storesContentType(MediaType.APPLICATION_JSON_VALUE) && JsonContent.isValid(body));
	}

	boolean storesContentType(@Nullable String contentType) {
		if (this.properties.responseContentTypes().isEmpty()) {
			return true;
		}
		if (contentType == null) {
			return false;
		}
		try {
			MediaType mediaType = MediaType.parseMediaType(contentType);
			return this.properties.responseContentTypes().stream().anyMatch((stored) -> stored.includes(mediaType));
		}
		catch (InvalidMediaTypeException ex) {
			return false;
		}
	}

	/**
	 * Returns the headers that a response has now, by their names.
	 */
	static Map<String, List<String>> headersOf(HttpServletResponse response) {
		Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		for (String name : response.getHeaderNames()) {
			headers.put(name, List.copyOf(response.getHeaders(name)));
		}
		return headers;
	}

	/**
	 * Returns the response as it is stored: with the headers that were set or changed
	 * since the given ones were there.
	 */
	StoredResponse toStore(CapturingResponse response, byte[] body, Map<String, List<String>> headersBefore) {
		Map<String, Collection<String>> headers = new LinkedHashMap<>();
		headersOf(response).forEach((name, values) -> {
			if (!this.excludedHeaders.contains(name) && !values.equals(headersBefore.get(name))) {
				headers.put(name, values);
			}
		});
		addUnlessThere(headers, HttpHeaders.CONTENT_TYPE, response.getContentType());
		Locale locale = response.locale();
		if (locale != null && !this.excludedHeaders.contains(HttpHeaders.CONTENT_LANGUAGE)) {
			headers.put(HttpHeaders.CONTENT_LANGUAGE, List.of(locale.toLanguageTag()));
		}
		List<Header> stored = new ArrayList<>();
		headers.forEach((name, values) -> values.forEach((value) -> stored.add(new Header(name, value))));
		String traceId = this.tracing.traceId();
		if (traceId != null) {
			stored.add(TraceNote.of(traceId));
		}
		return new StoredResponse(response.getStatus(), stored, body);
	}

	private void addUnlessThere(Map<String, Collection<String>> headers, String name, @Nullable String value) {
		if (value != null && !this.excludedHeaders.contains(name)
				&& headers.keySet().stream().noneMatch(name::equalsIgnoreCase)) {
			headers.put(name, List.of(value));
		}
	}

}
