package io.idempotency.web.operation;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

import io.idempotency.store.Sha256;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.IdempotencyProperties.ScopePart;
import io.idempotency.web.IdempotencyScopeResolver;
import io.idempotency.web.PrincipalRealmResolver;
import io.idempotency.web.ProtectedRequest;
import io.idempotency.web.RecordLocator.KnownRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;

/**
 * Resolves the scope of a request as configured by the properties.
 */
public final class DefaultScopeResolver implements IdempotencyScopeResolver {

	private final List<ScopePart> parts;

	private final List<String> headers;

	private final BodyDigest body;

	private final KeyParameter keyParameter;

	private final List<PrincipalRealmResolver> realms;

	/**
	 * Creates a resolver.
	 * @param properties the settings of the application
	 * @param realms distinguish principals that have the same name
	 */
	public DefaultScopeResolver(IdempotencyProperties properties, List<PrincipalRealmResolver> realms) {
		this.parts = properties.scope().stream().sorted().toList();
		this.headers = properties.scopeHeaders()
			.stream()
			.map((name) -> name.toLowerCase(Locale.ROOT))
			.sorted()
			.distinct()
			.toList();
		BodyRules rules = BodyRules.of(properties);
		this.body = new BodyDigest(rules);
		this.keyParameter = rules.keyParameter();
		this.realms = realms;
	}

	@Override
	public String resolveScope(ProtectedRequest request) throws IOException {
		ScopeText scope = new ScopeText();
		for (ScopePart part : this.parts) {
			scope.add(part.name());
			switch (part) {
				case PRINCIPAL -> PrincipalIdentity.of(request.principal(), this.realms).addTo(scope);
				case AUTHORIZATION -> scope.add(request.header(HttpHeaders.AUTHORIZATION));
				case METHOD -> scope.add(request.method());
				case PATH -> scope.add(request.path()).add(request.variant());
				case QUERY -> scope.add(this.keyParameter.removeFrom(request.query()));
				case BODY -> scope.add(bodyOf(request));
				case HOST -> scope.add(request.host());
				case SESSION -> scope.add(request.sessionId());
			}
		}
		for (String header : this.headers) {
			List<String> values = values(request.headers(header));
			scope.add(header).addLength(values.size());
			values.forEach(scope::add);
		}
		return scope.toString();
	}

	private String bodyOf(ProtectedRequest request) throws IOException {
		Sha256 digest = new Sha256();
		this.body.addTo(digest, request);
		return digest.toHex();
	}

	/**
	 * Returns the values of header lines. A proxy may join the lines with commas (RFC
	 * 9110, section 5.3), so each line is split at its commas.
	 */
	private static List<String> values(List<String> lines) {
		return lines.stream().flatMap((line) -> Arrays.stream(line.split(","))).map(String::trim).toList();
	}

	/**
	 * Returns the scope of a past request.
	 * @throws IllegalArgumentException if the scope has a part that is not known about
	 * the request
	 */
	String scopeOf(KnownRequest request) {
		if (!this.headers.isEmpty()) {
			throw unknown("headers (idempotency.scope-headers)");
		}
		ScopeText scope = new ScopeText();
		for (ScopePart part : this.parts) {
			scope.add(part.name());
			switch (part) {
				case PRINCIPAL -> new PrincipalIdentity(request.principal(), request.realm()).addTo(scope);
				case METHOD -> scope.add(required(request.method(), "method").toUpperCase(Locale.ROOT));
				case PATH ->
					scope.add(RequestPath.normalize(required(request.path(), "path"), false)).add(request.variant());
				case QUERY -> scope.add(this.keyParameter.removeFrom(request.query()));
				case HOST -> scope.add(required(request.host(), "host").toLowerCase(Locale.ROOT));
				case AUTHORIZATION -> throw unknown("the Authorization header (idempotency.scope)");
				case BODY -> throw unknown("the body (idempotency.scope)");
				case SESSION -> throw unknown("the session (idempotency.scope)");
			}
		}
		return scope.toString();
	}

	private static String required(@Nullable String value, String name) {
		if (value == null) {
			throw new IllegalArgumentException("The scope of a key includes the " + name + " of its request: give the "
					+ name + ", or a record key.");
		}
		return value;
	}

	private static IllegalArgumentException unknown(String part) {
		return new IllegalArgumentException(
				"The scope of a key includes " + part + " of its request: give a record key instead.");
	}

}
