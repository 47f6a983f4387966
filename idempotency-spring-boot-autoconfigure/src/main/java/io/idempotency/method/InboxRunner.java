package io.idempotency.method;

import io.idempotency.IdempotencyContextHolder;
import io.idempotency.engine.Attempt;
import io.idempotency.store.Enlistment.Enlisted;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Outcome;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.TransactionalIdempotencyStore;
import org.jspecify.annotations.Nullable;

/**
 * Runs calls whose record is in the same transaction as their work: the transaction of
 * the caller, or a new one that begins and ends with the call. There is no lease. The
 * record is written before the work runs, so that concurrent calls wait, and the result
 * is added after the work.
 */
final class InboxRunner {

	private final CallGate gate;

	private final CallOutcomes outcomes;

	private final CallReplay replay;

	private final CallerTransaction transaction;

	InboxRunner(CallGate gate, CallOutcomes outcomes, CallReplay replay, CallerTransaction transaction) {
		this.gate = gate;
		this.outcomes = outcomes;
		this.replay = replay;
		this.transaction = transaction;
	}

	/**
	 * Returns whether this class runs a call: either the call is declared as
	 * transactional, or its caller has a transaction of the store's database. Such a
	 * caller already holds a connection, and a lease would need a second one.
	 */
	static boolean takes(Call call) {
		return call.policy().transactional() || (call.joinsTransaction() && isInTransactionOfStore(call));
	}

	static boolean isInTransactionOfStore(Call call) {
		IdempotencyStore store = call.policy().store();
		return store instanceof TransactionalIdempotencyStore transactions && transactions.isInTransaction();
	}

	<E extends Throwable> @Nullable Object run(Call call, IdempotentWork<?, E> work) throws E {
		Attempt attempt = this.gate.enlist(call, first(call));
		if (attempt == null) {
			CallContext context = CallContext.unprotected(call);
			return IdempotencyContextHolder.with(context, () -> work.run(context));
		}
		if (!(attempt instanceof Attempt.Enlisted enlisted)) {
			return this.replay.of(call, attempt);
		}
		InboxRun run = run(call, enlisted.record());
		Object result;
		try {
			CallContext context = run.context();
			result = IdempotencyContextHolder.with(context, () -> work.run(context));
		}
		catch (Throwable ex) {
			run.threw(ex);
			throw ex;
		}
		run.returned(result);
		return result;
	}

	/**
	 * Returns the outcome that is written before the work runs. If the call has no
	 * result, this is already the final outcome.
	 */
	private Outcome first(Call call) {
		return call.resultType().isVoid() ? this.outcomes.require(call, call.resultType().type(), null, false)
				: new ResponseNotStored();
	}

	private InboxRun run(Call call, Enlisted record) {
		InboxRun run = new InboxRun(call, record, this.gate, this.outcomes);
		try {
			this.transaction.whenEnded(run);
			return run;
		}
		catch (RuntimeException ex) {
			record.rollback();
			throw ex;
		}
	}

}
