package io.idempotency.web.gate;

import io.idempotency.policy.EngineProperties.OnStoreFailure;
import io.idempotency.web.IdempotencyProperties;

/**
 * The settings of the gate.
 *
 * @param maxResponseSize the longest response that is stored, in bytes
 * @param maxTransactionalResponseSize the longest response of a transactional handler, in
 * bytes
 * @param onStoreFailure what happens to a request when the store does not answer
 */
public record GateRules(long maxResponseSize, long maxTransactionalResponseSize, OnStoreFailure onStoreFailure) {

	/**
	 * Returns the rules that the properties set.
	 * @param properties the settings of the application
	 * @param onStoreFailure what happens to a request when the store does not answer
	 * @return the rules
	 */
	public static GateRules of(IdempotencyProperties properties, OnStoreFailure onStoreFailure) {
		return new GateRules(properties.maxResponseSize().toBytes(),
				properties.maxTransactionalResponseSize().toBytes(), onStoreFailure);
	}

}
