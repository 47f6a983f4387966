package io.idempotency.web;

import java.security.Principal;

import org.jspecify.annotations.Nullable;

/**
 * Tells principals of equal names apart, by where they come from: the issuer of a token,
 * the registration of a login. All beans of this type are asked in their order; the first
 * that knows the realm decides. Where none does, a principal is its name.
 */
@FunctionalInterface
public interface PrincipalRealmResolver {

	/**
	 * Returns the realm that a principal's name belongs to.
	 * @param principal who sends the request
	 * @return any text; {@code null} if the resolver does not know such principals
	 */
	@Nullable String realmOf(Principal principal);

}
