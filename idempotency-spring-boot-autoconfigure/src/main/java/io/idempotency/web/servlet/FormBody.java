package io.idempotency.web.servlet;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.util.MultiValueMap;
import org.springframework.util.StringUtils;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.util.UriComponentsBuilder;
import org.springframework.web.util.UriUtils;

/**
 * The parameters of a form, parsed from the held bytes of its body. If the container
 * parsed the form, nothing else could read the bytes.
 *
 * @param parameters the parameters by name; empty if the body is not a form, or cannot be
 * read as one
 * @param parsed whether they were parsed from bytes that the container has not seen
 * @param failure the status of the response if the handler asks for a parameter of a form
 * that cannot be read; {@code null} if the form is valid
 */
record FormBody(Map<String, List<String>> parameters, boolean parsed, @Nullable HttpStatus failure) {

	/**
	 * Tomcat counts each value, and Jetty each name.
	 */
	private static final int VALUES_PER_NAME = 10;

	private static final FormBody NONE = new FormBody(Map.of(), false, null);

	private static final FormBody TOO_MANY_PARAMETERS = new FormBody(Map.of(), true, HttpStatus.BAD_REQUEST);

	static FormBody read(HttpServletRequestWrapper request, HeldBody body, BodyLimits limits) throws IOException {
		HttpServletRequest outer = (HttpServletRequest) request.getRequest();
		if (!isForm(request)) {
			return NONE;
		}
		byte[] bytes = body.start(limits.form() + 1);
		if (bytes.length == 0) {
			return new FormBody(withoutQuery(outer.getParameterMap(), outer.getQueryString()), false, null);
		}
		if (bytes.length > limits.form()) {
			return new FormBody(Map.of(), true, HttpStatus.CONTENT_TOO_LARGE);
		}
		if (!original(outer).getMethod().equals(HttpMethod.POST.name())) {
			// Containers parse the forms of POST requests only.
			return NONE;
		}
		if (countPairs(bytes) > (long) VALUES_PER_NAME * limits.names()) {
			return TOO_MANY_PARAMETERS;
		}
		Parameters parameters = new Parameters(charset(request));
		parameters.parse(bytes);
		if (parameters.values.size() > limits.names()) {
			return TOO_MANY_PARAMETERS;
		}
		return new FormBody(parameters.values, true, parameters.malformed ? HttpStatus.BAD_REQUEST : null);
	}

	private static int countPairs(byte[] bytes) {
		int pairs = 0;
		byte before = '&';
		for (byte character : bytes) {
			if (character != '&' && before == '&') {
				pairs++;
			}
			before = character;
		}
		return pairs;
	}

	private static boolean isForm(HttpServletRequest request) {
		return StringUtils.startsWithIgnoreCase(request.getContentType(), MediaType.APPLICATION_FORM_URLENCODED_VALUE);
	}

	/**
	 * Returns the container's request, behind all wrappers.
	 */
	static HttpServletRequest original(HttpServletRequest request) {
		ServletRequest original = request;
		while (original instanceof ServletRequestWrapper wrapper) {
			original = wrapper.getRequest();
		}
		return (HttpServletRequest) original;
	}

	private static Charset charset(HttpServletRequest request) {
		String encoding = request.getCharacterEncoding();
		return (encoding != null) ? Charset.forName(encoding) : StandardCharsets.UTF_8;
	}

	/**
	 * Returns the parameters of the body only. A container puts the values of the query
	 * before those of the body (Servlet 6.1, section 3.1), so they are removed from the
	 * start.
	 */
	static Map<String, List<String>> withoutQuery(Map<String, String[]> all, @Nullable String queryString) {
		Map<String, List<String>> form = new LinkedHashMap<>();
		all.forEach((name, values) -> form.put(name, new ArrayList<>(Arrays.asList(values))));
		if (queryString != null) {
			MultiValueMap<String, String> query = UriComponentsBuilder.newInstance()
				.query(queryString)
				.build()
				.getQueryParams();
			query.forEach((name, values) -> {
				List<String> formValues = form.get(UriUtils.decode(name.replace('+', ' '), StandardCharsets.UTF_8));
				if (formValues != null) {
					formValues.subList(0, Math.min(values.size(), formValues.size())).clear();
				}
			});
			form.values().removeIf(List::isEmpty);
		}
		return form;
	}

	/**
	 * Returns all parameters of the request.
	 * @param container the parameters that the container has: only those of the query if
	 * the body was read by this library
	 * @throws ResponseStatusException if the form is too long or malformed
	 */
	Map<String, String[]> withQuery(Map<String, String[]> container) {
		if (!this.parsed) {
			return container;
		}
		if (this.failure != null) {
			throw new ResponseStatusException(this.failure, "The parameters of the form cannot be read");
		}
		Map<String, String[]> all = new LinkedHashMap<>(container);
		this.parameters.forEach((name, values) -> all.merge(name, values.toArray(String[]::new), FormBody::join));
		return all;
	}

	private static String[] join(String[] first, String[] second) {
		String[] all = Arrays.copyOf(first, first.length + second.length);
		System.arraycopy(second, 0, all, first.length, second.length);
		return all;
	}

	/**
	 * The parameters of one body.
	 */
	private static final class Parameters {

		/**
		 * Replaces a name or value that has a malformed escape.
		 */
		private static final String MALFORMED = "\ufffd";

		private final Map<String, List<String>> values = new LinkedHashMap<>();

		private final Charset charset;

		private boolean malformed;

		Parameters(Charset charset) {
			this.charset = charset;
		}

		void parse(byte[] bytes) {
			for (String pair : new String(bytes, StandardCharsets.ISO_8859_1).split("&")) {
				int end = pair.indexOf('=');
				String name = (end >= 0) ? pair.substring(0, end) : pair;
				String value = (end >= 0) ? pair.substring(end + 1) : "";
				if (!pair.isEmpty()) {
					this.values.computeIfAbsent(decode(name), (key) -> new ArrayList<>()).add(decode(value));
				}
			}
		}

		/**
		 * Decodes a name or value, whose unescaped bytes are in the charset, too.
		 */
		private String decode(String latin) {
			try {
				String text = new String(latin.getBytes(StandardCharsets.ISO_8859_1), this.charset);
				return URLDecoder.decode(text, this.charset);
			}
			catch (IllegalArgumentException ex) {
				this.malformed = true;
				return MALFORMED;
			}
		}

	}

}
