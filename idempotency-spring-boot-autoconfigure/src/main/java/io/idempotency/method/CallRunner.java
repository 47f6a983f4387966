package io.idempotency.method;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

import io.idempotency.IdempotencyContextHolder;
import io.idempotency.engine.Attempt;
import io.idempotency.method.CallRun.RunRules;
import org.jspecify.annotations.Nullable;

/**
 * Runs the work of calls, or returns the result of an earlier call.
 */
final class CallRunner {

	private final CallGate gate;

	private final RunRules rules;

	private final CallReplay replay;

	private final InboxRunner inbox;

	CallRunner(CallGate gate, RunRules rules, CallReplay replay) {
		this.gate = gate;
		this.rules = rules;
		this.replay = replay;
		this.inbox = new InboxRunner(gate, rules.outcomes(), replay, rules.transaction());
	}

	RunRules rules() {
		return this.rules;
	}

	/**
	 * Runs a call whose work has ended when it returns.
	 */
	<E extends Throwable> @Nullable Object run(Call call, IdempotentWork<?, E> work) throws E {
		if (InboxRunner.takes(call)) {
			return this.inbox.run(call, work);
		}
		Attempt attempt = this.gate.enter(call);
		if (attempt == null) {
			return within(CallContext.unprotected(call), work);
		}
		if (!(attempt instanceof Attempt.Proceed proceed)) {
			return this.replay.of(call, attempt);
		}
		CallRun run = new CallRun(call, proceed.execution(), this.rules);
		Object result;
		try {
			result = within(run.context(), work);
		}
		catch (Throwable ex) {
			run.threw(ex);
			throw ex;
		}
		run.returned(result);
		return result;
	}

	/**
	 * Runs a call whose work has ended when its result is completed.
	 */
	<E extends Throwable> CompletionStage<?> runAsync(Call call, IdempotentWork<? extends CompletionStage<?>, E> work)
			throws E {
		Attempt attempt = this.gate.enter(call);
		if (attempt == null) {
			CompletionStage<?> stage = within(CallContext.unprotected(call), work);
			return (stage != null) ? stage : CompletableFuture.completedStage(null);
		}
		if (!(attempt instanceof Attempt.Proceed proceed)) {
			return this.replay.asyncOf(call, attempt);
		}
		CallRun run = new CallRun(call, proceed.execution(), this.rules);
		CompletionStage<?> stage;
		try {
			stage = within(run.context(), work);
		}
		catch (Throwable ex) {
			run.threw(ex);
			throw ex;
		}
		if (stage == null) {
			run.returned(null);
			return CompletableFuture.completedFuture(null);
		}
		return stage.whenComplete((result, failure) -> {
			if (failure == null) {
				run.returned(result);
			}
			else {
				run.threw(cause(failure));
			}
		});
	}

	private static Throwable cause(Throwable failure) {
		return (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause() : failure;
	}

	private <T, E extends Throwable> @Nullable T within(CallContext context, IdempotentWork<T, E> work) throws E {
		return IdempotencyContextHolder.with(context, () -> work.run(context));
	}

}
