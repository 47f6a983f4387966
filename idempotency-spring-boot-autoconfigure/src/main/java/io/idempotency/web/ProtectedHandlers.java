package io.idempotency.web;

import java.net.URI;
import java.util.List;
import java.util.Set;

import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.web.IdempotencyException.Reason;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;
import org.springframework.web.method.HandlerMethod;

/**
 * Describes how the handlers of the application are protected, for example for its API
 * documentation.
 */
public interface ProtectedHandlers {

	/**
	 * Returns how a handler method is protected for requests of an HTTP method.
	 * @param handler the handler method, as it is registered in a handler mapping
	 * @param httpMethod the method of the requests
	 * @return the policy, or {@code null} if the requests are not protected
	 */
	@Nullable ProtectionPolicy policyFor(HandlerMethod handler, HttpMethod httpMethod);

	/**
	 * Returns how functional endpoints are protected for requests of an HTTP method.
	 * @param httpMethod the method of the requests
	 * @return the policy, or {@code null} if the requests are not protected
	 */
	@Nullable ProtectionPolicy policyForFunctionalEndpoints(HttpMethod httpMethod);

	/**
	 * Returns the refusals that a protected request may receive.
	 * @param policy how the request is protected
	 * @return the possible refusals, in the order of their reasons
	 */
	List<Refusal> refusals(ProtectionPolicy policy);

	/**
	 * Returns the mappings whose handlers are protected. Functional endpoints are not
	 * included, because the requests that a router function serves are not known in
	 * advance.
	 * @return one element for each mapping and policy
	 */
	List<ProtectedMapping> protectedMappings();

	/**
	 * Returns the mappings whose handlers are not protected, or not for all of their HTTP
	 * methods.
	 * @return one element for each such mapping
	 */
	List<UnprotectedMapping> unprotectedMappings();

	/**
	 * How a request may be refused.
	 *
	 * @param reason why the request is refused
	 * @param status the status of the response
	 * @param type the type of the problem
	 * @param retryLater whether the response has a {@code Retry-After} header
	 */
	record Refusal(Reason reason, int status, URI type, boolean retryLater) {
	}

	/**
	 * A mapping whose handler is protected.
	 *
	 * @param patterns the patterns of its paths
	 * @param httpMethods the HTTP methods of the mapping that are protected
	 * @param handler the handler
	 * @param policy how it is protected
	 */
	record ProtectedMapping(Set<String> patterns, Set<HttpMethod> httpMethods, HandlerMethod handler,
			ProtectionPolicy policy) {
	}

	/**
	 * A mapping whose handler is not protected.
	 *
	 * @param patterns the patterns of its paths
	 * @param httpMethods the HTTP methods of the mapping that are not protected; empty
	 * for all HTTP methods
	 * @param handler the handler
	 * @param exempt whether an annotation exempts the handler
	 */
	record UnprotectedMapping(Set<String> patterns, Set<HttpMethod> httpMethods, HandlerMethod handler,
			boolean exempt) {
	}

}
