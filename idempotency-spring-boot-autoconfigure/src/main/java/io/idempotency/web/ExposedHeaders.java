package io.idempotency.web;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.servlet.http.HttpServletResponse;

import org.springframework.http.HttpHeaders;
import org.springframework.util.StringUtils;

/**
 * The headers that a script from another origin needs, where the application lets it read
 * the response: where something has set the CORS headers before the handler's turn.
 */
final class ExposedHeaders {

	private static final String ALL = "*";

	private final List<String> names;

	ExposedHeaders(String replayHeader) {
		this.names = List.of(replayHeader, HttpHeaders.RETRY_AFTER);
	}

	/**
	 * Adds them to those that the response exposes already.
	 */
	void addTo(HttpServletResponse response) {
		if (response.getHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN) == null) {
			return;
		}
		List<String> exposed = response.getHeaders(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS)
			.stream()
			.flatMap((value) -> Arrays.stream(StringUtils.tokenizeToStringArray(value, ",")))
			.toList();
		List<String> missing = this.names.stream()
			.filter((name) -> exposed.stream().noneMatch(name::equalsIgnoreCase))
			.toList();
		boolean exposesAll = exposed.contains(ALL) && !allowsCredentials(response);
		if (!missing.isEmpty() && !exposesAll) {
			response.setHeader(HttpHeaders.ACCESS_CONTROL_EXPOSE_HEADERS,
					Stream.concat(exposed.stream(), missing.stream()).collect(Collectors.joining(", ")));
		}
	}

	/**
	 * With credentials, an asterisk is no more than the name of a header (Fetch Standard,
	 * section 3.3.3).
	 */
	private static boolean allowsCredentials(HttpServletResponse response) {
		return "true".equals(response.getHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_CREDENTIALS));
	}

}
