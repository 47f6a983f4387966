package io.idempotency.web;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.web.util.UriUtils;

/**
 * The parameter that may carry the key. It is not part of what a request asks for, so
 * that a key means the same wherever it comes.
 *
 * @param name the parameter's name, or {@code null} if there is none
 */
record KeyParameter(@Nullable String name) {

	boolean is(@Nullable String parameter) {
		return this.name != null && this.name.equals(parameter);
	}

	boolean isIn(@Nullable String query) {
		return this.name != null && query != null && Arrays.stream(query.split("&")).anyMatch(this::isNamed);
	}

	/**
	 * Returns a query string without the key.
	 */
	@Nullable String removeFrom(@Nullable String query) {
		if (query == null || !isIn(query)) {
			return query;
		}
		String rest = Arrays.stream(query.split("&")).filter((pair) -> !isNamed(pair)).collect(Collectors.joining("&"));
		return rest.isEmpty() ? null : rest;
	}

	private boolean isNamed(String pair) {
		int end = pair.indexOf('=');
		String encoded = (end >= 0) ? pair.substring(0, end) : pair;
		try {
			return is(UriUtils.decode(encoded.replace('+', ' '), StandardCharsets.UTF_8));
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

}
