package io.idempotency.policy;

import org.jspecify.annotations.Nullable;

/**
 * The policy that the annotations of a method declare.
 *
 * @param policy how the method is protected, or {@code null} if it is exempt
 * @param onMethod whether the annotation is on the method and not on its class
 */
public record DeclaredPolicy(@Nullable ProtectionPolicy policy, boolean onMethod) {

}
