package io.idempotency.security;

import java.security.Principal;

import io.idempotency.web.PrincipalRealmResolver;
import org.jspecify.annotations.Nullable;

import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;

/**
 * Uses the client registration of an OAuth2 login as the realm of its principal.
 */
final class LoginRegistrations implements PrincipalRealmResolver {

	@Override
	public @Nullable String realmOf(Principal principal) {
		return (principal instanceof OAuth2AuthenticationToken token)
				? "registration " + token.getAuthorizedClientRegistrationId() : null;
	}

}
