package io.idempotency.openapi;

import java.util.List;

import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.web.ProtectedHandlers.Refusal;

/**
 * How an operation is protected, which may have several handlers.
 *
 * @param keyRequired whether every request needs a key
 * @param policy the policy of the first protected handler
 * @param refusals the reasons for which a request may be refused
 */
record OperationProtection(boolean keyRequired, ProtectionPolicy policy, List<Refusal> refusals) {

	/**
	 * Returns whether a retry gets the stored response.
	 */
	boolean isReplayed() {
		return !this.policy.manual() && !this.policy.streaming();
	}

}
