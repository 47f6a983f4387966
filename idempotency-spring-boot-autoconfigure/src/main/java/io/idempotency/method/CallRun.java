package io.idempotency.method;

import io.idempotency.engine.Execution;
import io.idempotency.step.StepFailures;
import io.idempotency.step.StepRules;
import io.idempotency.store.Outcome;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * The first call of a key while its work runs, and how its record is settled.
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
		settle(this.rules.outcomes().ofEffect(this.call, this.call.resultType().type(), result, false));
	}

	/**
	 * An exception that is no answer frees the key, and so does what was made of the
	 * exception of a step: the next call goes on behind the last one.
	 */
	void threw(Throwable thrown) {
		JavaType type = this.call.resultType().storedAs(thrown);
		if (type == null || StepFailures.include(thrown)) {
			free();
		}
		else {
			settle(this.rules.outcomes().ofEffect(this.call, type, thrown, true));
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
	 * A transaction that has ended still holds its connection, and the store must not
	 * wait for another one of the same pool meanwhile.
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
	 * How runs are settled.
	 *
	 * @param outcomes makes outcomes of results
	 * @param transaction the transaction of a caller
	 * @param steps how steps are kept
	 */
	record RunRules(CallOutcomes outcomes, CallerTransaction transaction, StepRules steps) {
	}

}
