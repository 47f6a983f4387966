package io.idempotency.web.operation;

import java.security.Principal;
import java.util.List;

import io.idempotency.web.PrincipalRealmResolver;
import org.jspecify.annotations.Nullable;

/**
 * Identifies a principal by its name and the realm of the name.
 *
 * @param name the name; {@code null} if nobody is authenticated
 * @param realm the realm; {@code null} if there is none
 */
record PrincipalIdentity(@Nullable String name, @Nullable String realm) {

	static PrincipalIdentity of(@Nullable Principal principal, List<PrincipalRealmResolver> realms) {
		if (principal == null) {
			return new PrincipalIdentity(null, null);
		}
		for (PrincipalRealmResolver resolver : realms) {
			String realm = resolver.realmOf(principal);
			if (realm != null) {
				return new PrincipalIdentity(principal.getName(), realm);
			}
		}
		return new PrincipalIdentity(principal.getName(), null);
	}

	void addTo(ScopeText scope) {
		scope.add(this.name).add(this.realm);
	}

}
