package io.idempotency.policy;

import org.jspecify.annotations.Nullable;

/**
 * What the annotations of a method decide.
 *
 * @param policy how the method is protected, or {@code null} if it is exempt
 * @param onMethod whether the method carries the annotation, not its class
 */
public record DeclaredPolicy(@Nullable ProtectionPolicy policy, boolean onMethod) {

}
