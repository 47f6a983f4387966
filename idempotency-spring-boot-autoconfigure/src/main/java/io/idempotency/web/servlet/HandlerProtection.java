package io.idempotency.web.servlet;

import io.idempotency.policy.ProtectionPolicy;
import org.jspecify.annotations.Nullable;

/**
 * How the requests to a handler are protected.
 *
 * @param policy the policy
 * @param variant the conditions that distinguish the handler from others of the same path
 * and method; {@code null} if there are none
 * @param matrixVariables whether the handler has a parameter for matrix variables
 */
record HandlerProtection(ProtectionPolicy policy, @Nullable String variant, boolean matrixVariables) {

}
