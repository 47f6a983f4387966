package io.idempotency.web.servlet;

import io.idempotency.policy.ProtectionPolicy;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpMethod;

/**
 * The parts that protect functional endpoints.
 *
 * @param handlers decides how they are protected
 * @param admission decides about their requests
 * @param replay writes stored responses
 */
record FunctionalProtection(HandlerCatalog handlers, RequestAdmission admission, StoredResponseWriter replay) {

	@Nullable HandlerProtection protectionOf(HttpServletRequest request, @Nullable String variant) {
		ProtectionPolicy policy = this.handlers.policyForFunctionalEndpoints(HttpMethod.valueOf(request.getMethod()));
		return (policy != null) ? new HandlerProtection(policy, variant, false) : null;
	}

}
