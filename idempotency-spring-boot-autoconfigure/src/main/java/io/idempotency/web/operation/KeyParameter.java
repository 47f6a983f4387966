package io.idempotency.web.operation;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.web.util.UriUtils;

/**
 * The parameter that may contain the key. It is excluded from scopes and fingerprints, so
 * that a key means the same whether it is sent as a parameter or as a header.
 *
 * @param name the parameter's name, or {@code null} if there is none
 */
record KeyParameter(@Nullable String name) {

	boolean is(@Nullable String parameter) {
		return this.name != null && this.name.equals(parameter);
	}

	boolean isIn(@Nullable String query) {
		return this.name != null && query != null && pairs(query).anyMatch(this::isNamed);
	}

	/**
	 * Returns the values of the parameter in a query string.
	 * @throws IllegalArgumentException if a value has a malformed escape
	 */
	List<String> valuesIn(@Nullable String query) {
		if (query == null || !isIn(query)) {
			return List.of();
		}
		return pairs(query).filter(this::isNamed).map(KeyParameter::value).toList();
	}

	/**
	 * Returns a query string without the parameter.
	 */
	@Nullable String removeFrom(@Nullable String query) {
		if (query == null || !isIn(query)) {
			return query;
		}
		String rest = pairs(query).filter((pair) -> !isNamed(pair)).collect(Collectors.joining("&"));
		return rest.isEmpty() ? null : rest;
	}

	private static Stream<String> pairs(String query) {
		return Arrays.stream(query.split("&"));
	}

	private boolean isNamed(String pair) {
		int end = pair.indexOf('=');
		try {
			return is(decode((end >= 0) ? pair.substring(0, end) : pair));
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

	private static String value(String pair) {
		int end = pair.indexOf('=');
		return (end >= 0) ? decode(pair.substring(end + 1)) : "";
	}

	private static String decode(String text) {
		return UriUtils.decode(text.replace('+', ' '), StandardCharsets.UTF_8);
	}

}
