package io.idempotency.web;

import java.io.IOException;
import java.security.Principal;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import io.idempotency.web.IdempotencyProperties.ScopePart;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * The scope that the properties describe.
 */
final class DefaultScopeResolver implements IdempotencyScopeResolver {

	private static final Pattern SESSION_ID = Pattern.compile(";jsessionid=[^;/]*", Pattern.CASE_INSENSITIVE);

	private final Set<ScopePart> parts;

	private final Set<String> headers;

	private final BodyDigest body;

	private final KeyParameter keyParameter;

	DefaultScopeResolver(IdempotencyProperties properties) {
		this.parts = new TreeSet<>(properties.scope());
		this.headers = new TreeSet<>(properties.scopeHeaders());
		this.body = new BodyDigest(properties);
		this.keyParameter = new KeyParameter(properties.keyParameter());
	}

	@Override
	public String resolveScope(ProtectedRequest request) throws IOException {
		HttpServletRequest servletRequest = request.servletRequest();
		Sha256 digest = new Sha256();
		for (ScopePart part : this.parts) {
			digest.add(part.name());
			if (part == ScopePart.BODY) {
				this.body.addTo(digest, request);
			}
			else {
				digest.add(value(part, servletRequest));
			}
		}
		for (String header : this.headers) {
			digest.add(header.toLowerCase(Locale.ROOT));
			Collections.list(servletRequest.getHeaders(header)).forEach(digest::add);
		}
		return digest.toHex();
	}

	private @Nullable String value(ScopePart part, HttpServletRequest request) {
		return switch (part) {
			case PRINCIPAL -> principal(request);
			case AUTHORIZATION -> request.getHeader(HttpHeaders.AUTHORIZATION);
			case METHOD -> request.getMethod();
			case PATH -> SESSION_ID.matcher(request.getRequestURI()).replaceAll("");
			case QUERY -> this.keyParameter.removeFrom(request.getQueryString());
			case BODY -> throw new IllegalArgumentException("The body is not one value");
		};
	}

	private static @Nullable String principal(HttpServletRequest request) {
		Principal principal = request.getUserPrincipal();
		return (principal != null) ? principal.getName() : null;
	}

}
