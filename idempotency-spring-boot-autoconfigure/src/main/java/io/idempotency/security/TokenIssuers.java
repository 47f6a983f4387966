package io.idempotency.security;

import java.security.Principal;
import java.util.Map;

import io.idempotency.web.PrincipalRealmResolver;
import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.core.oidc.IdTokenClaimNames;
import org.springframework.security.oauth2.server.resource.authentication.AbstractOAuth2TokenAuthenticationToken;

/**
 * The realm of a bearer token, be it a JWT or looked up, is its issuer.
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
