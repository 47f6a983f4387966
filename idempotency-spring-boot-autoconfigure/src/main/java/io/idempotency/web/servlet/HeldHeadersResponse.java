package io.idempotency.web.servlet;

import java.io.IOException;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * A response that controls its status and headers while its body is held back. The
 * content length is passed on only when it is final. Once the response is complete,
 * status and headers do not change any more, as if it were committed.
 */
abstract class HeldHeadersResponse extends HttpServletResponseWrapper {

	private @Nullable ServletResponse shield;

	private long declaredLength = -1;

	private @Nullable Locale locale;

	HeldHeadersResponse(HttpServletResponse response) {
		super(response);
	}

	/**
	 * Returns whether the content length is held back.
	 */
	abstract boolean holdsLength();

	/**
	 * Returns whether the response is complete, so that changes are ignored.
	 */
	abstract boolean isComplete();

	/**
	 * Redirects, or holds the redirect.
	 */
	abstract void redirect(Redirect redirect) throws IOException;

	/**
	 * Hides the container's response while this one is complete and held. Otherwise
	 * Tomcat finds it behind all wrappers and closes it.
	 */
	void hideFromContainer() {
		this.shield = ForwardShield.around(this);
	}

	@Override
	public ServletResponse getResponse() {
		return (isComplete() && this.shield != null) ? this.shield : super.getResponse();
	}

	/**
	 * Returns the container's response, behind all wrappers.
	 */
	HttpServletResponse original() {
		ServletResponse original = super.getResponse();
		while (original instanceof ServletResponseWrapper wrapper) {
			original = wrapper.getResponse();
		}
		return (HttpServletResponse) original;
	}

	/**
	 * Passes a redirect to the container.
	 */
	void passRedirect(Redirect redirect) throws IOException {
		redirect.sendTo((HttpServletResponse) super.getResponse());
	}

	/**
	 * Returns the length that was set while it was held, or -1.
	 */
	long declaredLength() {
		return this.declaredLength;
	}

	/**
	 * Passes the length of the body to the container, unless it is negative.
	 */
	void sendLength(long length) {
		if (length >= 0) {
			super.setContentLengthLong(length);
		}
	}

	/**
	 * Takes over what another response holds.
	 */
	void takeOver(HeldHeadersResponse other) {
		this.declaredLength = other.declaredLength;
		this.locale = other.locale;
	}

	/**
	 * Returns the current headers of the response by name, which is not case-sensitive.
	 */
	Map<String, List<String>> headers() {
		Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		for (String name : getHeaderNames()) {
			headers.put(name, List.copyOf(getHeaders(name)));
		}
		return headers;
	}

	/**
	 * Adds the header for the locale that was set, if the container adds it only when it
	 * commits the response. It replaces a header that was set directly.
	 */
	void addLocaleTo(Map<String, List<String>> headers) {
		if (this.locale != null) {
			headers.put(HttpHeaders.CONTENT_LANGUAGE, List.of(this.locale.toLanguageTag()));
		}
	}

	@Override
	public void setLocale(@Nullable Locale locale) {
		if (!isComplete()) {
			super.setLocale(locale);
			boolean isHeader = locale == null || locale.toLanguageTag().equals(getHeader(HttpHeaders.CONTENT_LANGUAGE));
			this.locale = isHeader ? null : locale;
		}
	}

	@Override
	public void setContentType(@Nullable String type) {
		if (!isComplete()) {
			super.setContentType(type);
		}
	}

	@Override
	public void setCharacterEncoding(@Nullable String encoding) {
		if (!isComplete()) {
			super.setCharacterEncoding(encoding);
		}
	}

	@Override
	public void setCharacterEncoding(@Nullable Charset encoding) {
		if (!isComplete()) {
			super.setCharacterEncoding(encoding);
		}
	}

	@Override
	public void setContentLength(int length) {
		setContentLengthLong(length);
	}

	@Override
	public void setContentLengthLong(long length) {
		if (holdsLength()) {
			this.declaredLength = length;
		}
		else if (!isComplete()) {
			super.setContentLengthLong(length);
		}
	}

	@Override
	public void setStatus(int status) {
		if (!isComplete()) {
			super.setStatus(status);
		}
	}

	@Override
	public void addCookie(Cookie cookie) {
		if (!isComplete()) {
			super.addCookie(cookie);
		}
	}

	@Override
	public void setDateHeader(String name, long date) {
		if (!isComplete()) {
			super.setDateHeader(name, date);
		}
	}

	@Override
	public void addDateHeader(String name, long date) {
		if (!isComplete()) {
			super.addDateHeader(name, date);
		}
	}

	@Override
	public void setHeader(String name, @Nullable String value) {
		if (!isComplete() && !holds(name, value)) {
			super.setHeader(name, value);
		}
	}

	@Override
	public void addHeader(String name, @Nullable String value) {
		if (!isComplete() && !holds(name, value)) {
			super.addHeader(name, value);
		}
	}

	@Override
	public void setIntHeader(String name, int value) {
		if (!isComplete() && !holds(name, Integer.toString(value))) {
			super.setIntHeader(name, value);
		}
	}

	@Override
	public void addIntHeader(String name, int value) {
		if (!isComplete() && !holds(name, Integer.toString(value))) {
			super.addIntHeader(name, value);
		}
	}

	private boolean holds(String name, @Nullable String value) {
		boolean holds = holdsLength() && HttpHeaders.CONTENT_LENGTH.equalsIgnoreCase(name);
		if (holds) {
			this.declaredLength = (value != null) ? Long.parseLong(value) : -1;
		}
		return holds;
	}

	@Override
	public void reset() {
		super.reset();
		this.declaredLength = -1;
		this.locale = null;
	}

	@Override
	public void sendRedirect(String location) throws IOException {
		redirect(new Redirect(location, SC_FOUND, true));
	}

	@Override
	public void sendRedirect(String location, int status) throws IOException {
		redirect(new Redirect(location, status, true));
	}

	@Override
	public void sendRedirect(String location, boolean clearBuffer) throws IOException {
		redirect(new Redirect(location, SC_FOUND, clearBuffer));
	}

	@Override
	public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
		redirect(new Redirect(location, status, clearBuffer));
	}

}
