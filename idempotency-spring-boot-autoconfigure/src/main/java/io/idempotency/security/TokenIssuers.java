package io.idempotency.security;

import java.security.Principal;
import java.util.Map;

import io.idempotency.web.PrincipalRealmResolver;
import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.oidc.IdTokenClaimNames;
import org.springframework.security.oauth2.server.resource.authentication.AbstractOAuth2TokenAuthenticationToken;

/**
 * Uses the issuer of a bearer token as the realm of its principal. The token can be a JWT
 * or an opaque token that was introspected.
 */
final class TokenIssuers implements PrincipalRealmResolver {

	@Override
	public @Nullable String realmOf(Principal principal) {
		if (!(principal instanceof AbstractOAuth2TokenAuthenticationToken<?> token)) {
			return null;
		}
		Map<String, Object> attributes = token.getTokenAttributes();
		Object issuer = attributes.get(IdTokenClaimNames.ISS);
		return (issuer != null) ? "issuer " + issuer : null;
	}

}
