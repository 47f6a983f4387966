package io.idempotency.step;

import io.idempotency.engine.Execution;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.result.ResultJson;

/**
 * The rules for storing steps.
 *
 * @param json writes and reads the results of steps
 * @param maxResultSize the maximum size of the result of one step, in bytes
 * @param maxStepsSize the maximum size of the results of all steps of a record, in bytes
 */
public record StepRules(ResultJson json, long maxResultSize, long maxStepsSize) {

	/**
	 * Begins an attempt, which continues with the steps of earlier attempts.
	 * @param execution the execution that holds the record
	 * @param policy how the handler is protected
	 * @return the steps of the attempt
	 */
	public Steps begin(Execution execution, ProtectionPolicy policy) {
		return new AttemptSteps(execution, policy, this);
	}

}
