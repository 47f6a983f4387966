package io.idempotency.web;

import java.io.IOException;
import java.security.Principal;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

import io.idempotency.web.IdempotencyProperties.ScopePart;
import io.idempotency.web.RecordLocator.KnownRequest;
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
			if (part == ScopePart.BODY) {
				this.body.addTo(digest.add(part.name()), request);
			}
			else {
				add(digest, part, value(part, servletRequest));
			}
		}
		for (String header : this.headers) {
			digest.add(header.toLowerCase(Locale.ROOT));
			Collections.list(servletRequest.getHeaders(header)).forEach(digest::add);
		}
		return digest.toHex();
	}

	/**
	 * Returns the scope of a request that is not there.
	 * @throws IllegalArgumentException if the scope has more than what is known of it
	 */
	String scopeOf(KnownRequest request) {
		if (!this.headers.isEmpty()) {
			throw unknown("headers (idempotency.scope-headers)");
		}
		Sha256 digest = new Sha256();
		this.parts.forEach((part) -> add(digest, part, value(part, request)));
		return digest.toHex();
	}

	private void add(Sha256 digest, ScopePart part, @Nullable String value) {
		digest.add(part.name()).add(switch (part) {
			case PATH -> (value != null) ? SESSION_ID.matcher(value).replaceAll("") : null;
			case QUERY -> this.keyParameter.removeFrom(value);
			default -> value;
		});
	}

	private static @Nullable String value(ScopePart part, HttpServletRequest request) {
		return switch (part) {
			case PRINCIPAL -> principal(request);
			case AUTHORIZATION -> request.getHeader(HttpHeaders.AUTHORIZATION);
			case METHOD -> request.getMethod();
			case PATH -> request.getRequestURI();
			case QUERY -> request.getQueryString();
			case BODY -> throw new IllegalArgumentException("The body is not one value");
		};
	}

	private static @Nullable String value(ScopePart part, KnownRequest request) {
		return switch (part) {
			case PRINCIPAL -> request.principal();
			case METHOD -> required(request.method(), "method");
			case PATH -> required(request.path(), "path");
			case QUERY -> request.query();
			case AUTHORIZATION -> throw unknown("the Authorization header (idempotency.scope)");
			case BODY -> throw unknown("the body (idempotency.scope)");
		};
	}

	private static String required(@Nullable String value, String name) {
		if (value == null) {
			throw new IllegalArgumentException(
					"A key belongs to the " + name + " of its request: give the " + name + ", or a record key.");
		}
		return value;
	}

	private static IllegalArgumentException unknown(String part) {
		return new IllegalArgumentException(
				"A key belongs to " + part + " of its request, so that only a record key tells where the record is.");
	}

	private static @Nullable String principal(HttpServletRequest request) {
		Principal principal = request.getUserPrincipal();
		return (principal != null) ? principal.getName() : null;
	}

}
