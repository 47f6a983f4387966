package io.idempotency.method;

import io.idempotency.engine.Execution;
import io.idempotency.step.StepFailures;
import io.idempotency.step.StepRules;
import io.idempotency.store.Outcome;
import io.idempotency.store.ResponseNotStored;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * The first call with a key, from the start of its work until its record is completed or
 * released.
 */
final class CallRun {

	private final Call call;

	private final Execution execution;

	private final RunRules rules;

	CallRun(Call call, Execution execution, RunRules rules) {
		this.call = call;
		this.execution = execution;
		this.rules = rules;
	}

	CallContext context() {
		return CallContext.withLease(this.call, this.execution, this.rules.steps());
	}

	void returned(@Nullable Object result) {
		settle(this.call.resultType().type(), result, false);
	}

	/**
	 * Settles the record of work that has had its effect, whatever is thrown meanwhile.
	 */
	private void settle(JavaType type, @Nullable Object result, boolean thrown) {
		Outcome outcome = new ResponseNotStored();
		try {
			outcome = this.rules.outcomes().ofEffect(this.call, type, result, thrown);
		}
		finally {
			settle(outcome);
		}
	}

	/**
	 * Completes the record with the exception if it is to be stored, and otherwise frees
	 * the key. The exception of a step is never stored, even if it was wrapped, so that
	 * the next call continues after the last stored step.
	 */
	void threw(Throwable thrown) {
		JavaType type = this.call.resultType().storedAs(thrown);
		if (type == null || StepFailures.include(thrown)) {
			free();
		}
		else {
			settle(type, thrown, true);
		}
	}

	void free() {
		this.execution.release();
	}

	private void settle(Outcome outcome) {
		if (!this.call.joinsTransaction() || !this.rules.transaction().isActive()) {
			this.execution.complete(outcome);
			return;
		}
		boolean apart = InboxRunner.isInTransactionOfStore(this.call);
		this.rules.transaction().whenEnded(new CallerTransaction.End() {

			@Override
			public void committed() {
				end(apart, () -> CallRun.this.execution.complete(outcome));
			}

			@Override
			public void rolledBack() {
				end(apart, CallRun.this.execution::release);
			}

			@Override
			public void unknown() {
				CallRun.this.execution.abandon();
			}

		});
	}

	/**
	 * Ends the execution after the transaction. A transaction of the store's database
	 * still holds its connection at this point. The store must not wait for a second
	 * connection of the same pool, so the execution is ended in the background.
	 */
	private void end(boolean apart, Runnable end) {
		if (apart) {
			this.execution.endInBackground(end);
		}
		else {
			end.run();
		}
	}

	/**
	 * How the records of calls are completed or released.
	 *
	 * @param outcomes creates outcomes from results
	 * @param transaction the transaction of the caller
	 * @param steps the rules for storing steps
	 */
	record RunRules(CallOutcomes outcomes, CallerTransaction transaction, StepRules steps) {
	}

}
