package io.idempotency.step;

import io.idempotency.engine.Execution;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.result.ResultJson;

/**
 * How steps are kept.
 *
 * @param json writes and reads their results
 * @param maxResultSize the longest result of one step, in bytes
 * @param maxStepsSize how many bytes the results of all steps of a record may take
 */
public record StepRules(ResultJson json, long maxResultSize, long maxStepsSize) {

	/**
	 * Begins an attempt, which goes on with the steps of earlier ones.
	 * @param execution holds the record
	 * @param policy how the handler is protected
	 * @return the steps of the attempt
	 */
	public Steps begin(Execution execution, ProtectionPolicy policy) {
		return new AttemptSteps(execution, policy, this);
	}

}
