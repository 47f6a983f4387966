package io.idempotency.web.servlet;

import java.io.IOException;
import java.io.InputStream;
import java.security.Principal;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.idempotency.web.ProtectedRequest;
import io.idempotency.web.operation.RequestPath;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import org.jspecify.annotations.Nullable;

import org.springframework.web.multipart.MultipartHttpServletRequest;
import org.springframework.web.util.WebUtils;

/**
 * A servlet request as the gate sees it.
 */
final class ServletProtectedRequest implements ProtectedRequest {

	private static final byte[] NOTHING = {};

	private final HttpServletRequest request;

	private final @Nullable RepeatableRequest repeatable;

	private final @Nullable String variant;

	private final boolean matrixVariables;

	private @Nullable Map<String, List<String>> form;

	/**
	 * Creates a view of a request.
	 * @param request the request that the handler receives
	 * @param repeatable the same request with a body that can be read twice; {@code null}
	 * if the body must not be read
	 * @param variant the conditions that distinguish its handler from others of the same
	 * path and method
	 * @param matrixVariables whether its handler has a parameter for matrix variables
	 */
	ServletProtectedRequest(HttpServletRequest request, @Nullable RepeatableRequest repeatable,
			@Nullable String variant, boolean matrixVariables) {
		this.request = request;
		this.repeatable = repeatable;
		this.variant = variant;
		this.matrixVariables = matrixVariables;
	}

	@Override
	public String method() {
		return this.request.getMethod();
	}

	/**
	 * Returns the path that the container received, after the context path that the
	 * client sees: a proxy may have removed a prefix (X-Forwarded-Prefix).
	 */
	@Override
	public String path() {
		HttpServletRequest original = FormBody.original(this.request);
		String path = original.getRequestURI();
		String contextPath = original.getContextPath();
		String inApplication = path.startsWith(contextPath) ? path.substring(contextPath.length()) : path;
		return RequestPath.normalize(this.request.getContextPath() + inApplication, this.matrixVariables);
	}

	@Override
	public @Nullable String variant() {
		return this.variant;
	}

	@Override
	public @Nullable String query() {
		String query = FormBody.original(this.request).getQueryString();
		return (query != null && !query.isEmpty()) ? query : null;
	}

	@Override
	public String host() {
		return this.request.getServerName().toLowerCase(Locale.ROOT) + ":" + this.request.getServerPort();
	}

	@Override
	public List<String> headers(String name) {
		return Collections.list(this.request.getHeaders(name));
	}

	@Override
	public @Nullable String header(String name) {
		return this.request.getHeader(name);
	}

	@Override
	public @Nullable Principal principal() {
		return this.request.getUserPrincipal();
	}

	@Override
	public @Nullable String sessionId() {
		HttpSession session = this.request.getSession(false);
		return (session != null) ? session.getId() : null;
	}

	@Override
	public Map<String, List<String>> form() throws IOException {
		if (this.form == null) {
			this.form = readForm();
		}
		return this.form;
	}

	private Map<String, List<String>> readForm() throws IOException {
		if (multipart() != null) {
			return FormBody.withoutQuery(this.request.getParameterMap(), this.request.getQueryString());
		}
		return (this.repeatable != null) ? this.repeatable.form() : Map.of();
	}

	private @Nullable MultipartHttpServletRequest multipart() {
		return WebUtils.getNativeRequest(this.request, MultipartHttpServletRequest.class);
	}

	/**
	 * Asks Spring for the files first, because it translates the exception that a
	 * container throws if an upload is too large.
	 */
	@Override
	public @Nullable List<Part> parts() throws IOException {
		MultipartHttpServletRequest multipart = multipart();
		if (multipart == null) {
			return null;
		}
		multipart.getMultiFileMap();
		try {
			Collection<jakarta.servlet.http.Part> parts = this.request.getParts();
			return parts.stream().<Part>map(ServletPart::new).toList();
		}
		catch (ServletException ex) {
			throw new IOException("The parts of the request could not be read", ex);
		}
	}

	@Override
	public byte[] bodyStart() throws IOException {
		return (this.repeatable != null) ? this.repeatable.bodyStart() : NOTHING;
	}

	@Override
	public long contentLength() {
		return this.request.getContentLengthLong();
	}

	@Override
	public <T> @Nullable T unwrap(Class<T> type) {
		return WebUtils.getNativeRequest(this.request, type);
	}

	private record ServletPart(jakarta.servlet.http.Part part) implements Part {

		@Override
		public @Nullable String name() {
			return this.part.getName();
		}

		@Override
		public @Nullable String fileName() {
			return this.part.getSubmittedFileName();
		}

		@Override
		public InputStream open() throws IOException {
			return this.part.getInputStream();
		}

	}

}
