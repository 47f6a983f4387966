package io.idempotency.forms;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

import io.idempotency.web.ProtectedMethods;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;
import org.springframework.web.filter.HiddenHttpMethodFilter;
import org.springframework.web.util.HtmlUtils;

/**
 * Collects the action and the method of a form while it is rendered. Browsers send forms
 * only by GET or POST. A form with another method is sent by POST with the method in a
 * hidden input, which {@link HiddenHttpMethodFilter} reads.
 * <p>
 * Thymeleaf passes that input first, then the action with the method POST, and asks for
 * further inputs immediately afterwards. Spring's form tag for JSP passes the action with
 * the method POST first, then the input, and asks for further inputs at the end of the
 * form.
 */
final class RenderedForm {

	private static final String ATTRIBUTE = RenderedForm.class.getName();

	/**
	 * The methods that {@link HiddenHttpMethodFilter} accepts in the hidden input.
	 */
	private static final Set<String> HIDDEN_METHODS = Set.of("PUT", "DELETE", "PATCH");

	private String action = "";

	private String method = "GET";

	private @Nullable String hiddenMethod;

	private RenderedForm() {
	}

	/**
	 * Returns the form that is currently rendered for a request.
	 */
	static RenderedForm in(HttpServletRequest request) {
		if (request.getAttribute(ATTRIBUTE) instanceof RenderedForm form) {
			return form;
		}
		RenderedForm form = new RenderedForm();
		request.setAttribute(ATTRIBUTE, form);
		return form;
	}

	/**
	 * Returns the form that was rendered for a request, and removes it from the request.
	 */
	static RenderedForm removeFrom(HttpServletRequest request) {
		RenderedForm form = in(request);
		request.removeAttribute(ATTRIBUTE);
		return form;
	}

	/**
	 * Sets where the form is sent to.
	 * @param action the URL, which may be escaped for HTML
	 * @param httpMethod the method; an empty value means GET
	 */
	void begin(String action, String httpMethod) {
		this.action = HtmlUtils.htmlUnescape(action);
		this.method = StringUtils.hasText(httpMethod) ? httpMethod.toUpperCase(Locale.ROOT) : "GET";
	}

	/**
	 * Remembers the method if the hidden input contains it.
	 */
	void addHiddenInput(@Nullable String name, String value) {
		if (HiddenHttpMethodFilter.DEFAULT_METHOD_PARAM.equals(name)) {
			this.hiddenMethod = value.toUpperCase(Locale.ROOT);
		}
	}

	/**
	 * Returns whether the form gets a key. A form that is sent by GET does not get one,
	 * because its URL would contain the key and would be answered from the store when it
	 * is loaded again. A form whose action already contains the key does not get one
	 * either.
	 */
	boolean needsKey(ProtectedMethods methods, String parameter) {
		return this.method.equals("POST") && isProtected(methods) && !isInAction(parameter);
	}

	/**
	 * Checks both POST and the hidden method, because the application may or may not use
	 * the filter.
	 */
	private boolean isProtected(ProtectedMethods methods) {
		return methods.mayProtect("POST") || (this.hiddenMethod != null && HIDDEN_METHODS.contains(this.hiddenMethod)
				&& methods.mayProtect(this.hiddenMethod));
	}

	private boolean isInAction(String parameter) {
		String url = before('#', this.action);
		String query = url.substring(before('?', url).length());
		return StringUtils.hasLength(query) && Arrays.stream(query.substring(1).split("&"))
			.anyMatch((pair) -> parameter.equals(decode(before('=', pair))));
	}

	private static String before(char delimiter, String text) {
		int end = text.indexOf(delimiter);
		return (end < 0) ? text : text.substring(0, end);
	}

	private static String decode(String name) {
		try {
			return StringUtils.uriDecode(name.replace('+', ' '), StandardCharsets.UTF_8);
		}
		catch (IllegalArgumentException ex) {
			return name;
		}
	}

}
