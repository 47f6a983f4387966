package io.idempotency.web.gate;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.util.StringUtils;

/**
 * Exposes the response headers of this library to scripts from other origins. A response
 * is changed only if it already has an {@code Access-Control-Allow-Origin} header, that
 * is, if the application lets such scripts read it.
 */
public final class ExposedHeaders {

	private static final String ALL = "*";

	private final List<String> names;

	/**
	 * Creates the headers to expose.
	 * @param replayHeader the header that marks replays
	 */
	public ExposedHeaders(String replayHeader) {
		this.names = List.of(replayHeader, HttpHeaders.RETRY_AFTER);
	}

	/**
	 * Adds the headers to those that a response exposes already.
	 * @param headers returns the values of a response header
	 * @return the value to set for {@code Access-Control-Expose-Headers}; {@code null} to
	 * leave it as it is
	 */
	public @Nullable String addTo(Function<String, Collection<String>> headers) {
		if (headers.apply(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN).isEmpty()) {
			return null;
		}
		List<String> exposed = headers.apply(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS)
			.stream()
			.flatMap((value) -> Arrays.stream(StringUtils.tokenizeToStringArray(value, ",")))
			.toList();
		List<String> missing = this.names.stream()
			.filter((name) -> exposed.stream().noneMatch(name::equalsIgnoreCase))
			.toList();
		// If credentials are allowed, an asterisk is not a wildcard (Fetch Standard,
		// section 3.3.3).
		boolean credentials = headers.apply(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS).contains("true");
		if (missing.isEmpty() || (exposed.contains(ALL) && !credentials)) {
			return null;
		}
		return Stream.concat(exposed.stream(), missing.stream()).collect(Collectors.joining(", "));
	}

}
