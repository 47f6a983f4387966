package io.idempotency.web;

import java.security.Principal;

import org.jspecify.annotations.Nullable;

/**
 * Resolves the realm of a principal, such as the issuer of a token or the registration of
 * a login. It distinguishes principals that have the same name. All beans of this type
 * are asked in their order, and the first realm that is returned is used. If there is
 * none, a principal is identified by its name only.
 */
@FunctionalInterface
public interface PrincipalRealmResolver {

	/**
	 * Returns the realm that a principal's name belongs to.
	 * @param principal the principal of the request
	 * @return any text, or {@code null} if this resolver does not support the principal
	 */
	@Nullable String realmOf(Principal principal);

}
