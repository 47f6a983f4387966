package io.idempotency.web;

import java.util.Arrays;
import java.util.List;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.MediaType;
import org.springframework.util.StringUtils;
import org.springframework.web.util.WebUtils;

/**
 * Reads the key from a query or form parameter, or else from the header.
 */
final class ParameterOrHeaderKeyResolver implements SparingKeyResolver {

	private final String parameter;

	private final KeyParameter inQuery;

	private final HeaderKeyResolver header;

	ParameterOrHeaderKeyResolver(String parameter, HeaderKeyResolver header) {
		this.parameter = parameter;
		this.inQuery = new KeyParameter(parameter);
		this.header = header;
	}

	@Override
	public boolean mayHaveKey(HttpServletRequest request) {
		return this.header.mayHaveKey(request) || this.inQuery.isIn(request.getQueryString()) || hasForm(request);
	}

	private static boolean hasForm(HttpServletRequest request) {
		String contentType = request.getContentType();
		return StringUtils.startsWithIgnoreCase(contentType, MediaType.APPLICATION_FORM_URLENCODED_VALUE)
				|| StringUtils.startsWithIgnoreCase(contentType, MediaType.MULTIPART_FORM_DATA_VALUE);
	}

	@Override
	public @Nullable String resolveKey(HttpServletRequest request) {
		RepeatableRequest repeatable = WebUtils.getNativeRequest(request, RepeatableRequest.class);
		if (repeatable != null && repeatable.isForm()) {
			repeatable.formParameters();
		}
		String[] values = request.getParameterValues(this.parameter);
		List<String> keys = (values != null)
				? Arrays.stream(values).filter((value) -> !value.isBlank()).distinct().toList() : List.of();
		if (keys.size() > 1) {
			throw new IllegalArgumentException(
					"The parameter " + this.parameter + " comes with different values; send one.");
		}
		return keys.isEmpty() ? this.header.resolveKey(request) : keys.get(0);
	}

}
