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
 * Knows how the handlers of the application are protected, for those who describe them.
 */
public interface ProtectedHandlers {

	/**
	 * Returns how requests of an HTTP method to an annotated method are protected.
	 * @param handler the method, as a handler mapping has it
	 * @param httpMethod the method of the requests
	 * @return {@code null} if they are not
	 */
	@Nullable ProtectionPolicy policyFor(HandlerMethod handler, HttpMethod httpMethod);

	/**
	 * Returns how requests of an HTTP method to functional endpoints are protected.
	 * @param httpMethod the method of the requests
	 * @return {@code null} if they are not
	 */
	@Nullable ProtectionPolicy policyForFunctionalEndpoints(HttpMethod httpMethod);

	/**
	 * Returns how a protected request may be refused.
	 * @param policy how it is protected
	 * @return the refusals that can happen, in the order of their reasons
	 */
	List<Refusal> refusals(ProtectionPolicy policy);

	/**
	 * Returns the mappings whose handlers are protected. Functional endpoints are not
	 * among them: what a router function serves is known only when it is asked.
	 * @return one for each way in which the requests of a mapping are protected
	 */
	List<ProtectedMapping> protectedMappings();

	/**
	 * Returns the mappings whose handlers are not protected, or not for all of their HTTP
	 * methods.
	 * @return one for each such mapping
	 */
	List<UnprotectedMapping> unprotectedMappings();

	/**
	 * How a request may be refused.
	 *
	 * @param reason why
	 * @param status the status of the response
	 * @param type the type of the problem
	 * @param retryLater whether the client is told when to repeat the request
	 */
	record Refusal(Reason reason, int status, URI type, boolean retryLater) {
	}

	/**
	 * A mapping whose handler is protected.
	 *
	 * @param patterns the patterns of its paths
	 * @param httpMethods the protected ones of its HTTP methods; empty for all that there
	 * are
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
	 * @param httpMethods the unprotected ones of its HTTP methods; empty for all that
	 * there are
	 * @param handler the handler
	 * @param exempt whether an annotation says so
	 */
	record UnprotectedMapping(Set<String> patterns, Set<HttpMethod> httpMethods, HandlerMethod handler,
			boolean exempt) {
	}

}
