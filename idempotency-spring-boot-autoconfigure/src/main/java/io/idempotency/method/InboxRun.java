package io.idempotency.method;

import java.time.Duration;

import io.idempotency.engine.Attempt;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.store.Enlistment.Enlisted;
import io.idempotency.store.Outcome;
import io.idempotency.store.ResponseNotStored;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * The first call with a key, whose work runs in the same transaction as its record.
 * Listeners are notified of its outcome when that transaction has ended.
 * <p>
 * If the call was declared as transactional, an exception of its work or a result that
 * cannot be stored rolls the transaction back. Other calls are run by this class only
 * because their caller has a transaction of the store's database. In this case, the
 * caller decides about the transaction.
 */
final class InboxRun implements CallerTransaction.End {

	private static final Log logger = LogFactory.getLog(InboxRun.class);

	private final Call call;

	private final Enlisted record;

	private final CallGate gate;

	private final CallOutcomes outcomes;

	private volatile boolean ended;

	private RequestOutcome ifCommitted = RequestOutcome.FIRST;

	private RequestOutcome otherwise = RequestOutcome.ROLLED_BACK;

	private RequestOutcome became = RequestOutcome.COMMIT_FAILED;

	InboxRun(Call call, Enlisted record, CallGate gate, CallOutcomes outcomes) {
		this.call = call;
		this.record = record;
		this.gate = gate;
		this.outcomes = outcomes;
	}

	CallContext context() {
		return CallContext.inTransaction(this.call, () -> !this.ended);
	}

	/**
	 * Completes the record with the result, and commits the transaction unless it belongs
	 * to the caller.
	 * @throws RuntimeException if nothing is committed
	 */
	void returned(@Nullable Object result) {
		if (!this.call.resultType().isVoid() && !this.record.isRollbackOnly()) {
			try {
				complete(result);
			}
			catch (RuntimeException | Error ex) {
				rollback(ex);
				throw ex;
			}
		}
		commit();
	}

	private void complete(@Nullable Object result) {
		JavaType type = this.call.resultType().type();
		if (this.call.policy().transactional()) {
			this.record.complete(this.outcomes.require(this.call, type, result, false));
		}
		else {
			complete(this.outcomes.ofEffect(this.call, type, result, false));
		}
	}

	private void complete(Outcome outcome) {
		this.record.complete(outcome);
		if (outcome instanceof ResponseNotStored) {
			this.ifCommitted = RequestOutcome.NOT_STORED;
		}
	}

	private void commit() {
		if (!this.record.isJoined() && !this.record.isRollbackOnly()) {
			this.otherwise = RequestOutcome.COMMIT_FAILED;
		}
		try {
			this.record.commit();
		}
		finally {
			tellIfEndedHere(this.became);
		}
	}

	/**
	 * Ends the call after an exception of its work. Failures of this method are added to
	 * that exception as suppressed exceptions.
	 */
	void threw(Throwable thrown) {
		JavaType type = this.call.resultType().storedAs(thrown);
		if (!this.call.policy().transactional()) {
			leave(type, thrown);
		}
		else if (type == null || this.record.isJoined()) {
			rollback(thrown);
		}
		else {
			storeAlone(type, thrown);
		}
	}

	/**
	 * Stores the exception or frees the key, and leaves the transaction to its owner, who
	 * may continue with it.
	 */
	private void leave(@Nullable JavaType type, Throwable thrown) {
		try {
			if (this.record.isRollbackOnly()) {
				return;
			}
			if (type == null) {
				this.record.release();
				this.ifCommitted = RequestOutcome.NOT_STORED;
			}
			else {
				complete(this.outcomes.ofEffect(this.call, type, thrown, true));
			}
			this.record.commit();
		}
		catch (RuntimeException | Error ex) {
			thrown.addSuppressed(ex);
			rollback(thrown);
		}
	}

	private void rollback(Throwable cause) {
		try {
			this.record.rollback();
		}
		catch (RuntimeException | Error ex) {
			cause.addSuppressed(ex);
		}
		tellIfEndedHere(RequestOutcome.ROLLED_BACK);
	}

	/**
	 * Rolls the work back and then stores the exception in a transaction of its own,
	 * unless another call has acquired the record in between.
	 */
	private void storeAlone(JavaType type, Throwable thrown) {
		RequestOutcome became = RequestOutcome.ROLLED_BACK;
		try {
			this.record.rollback();
			Outcome outcome = this.outcomes.require(this.call, type, thrown, true);
			if (this.gate.ask(this.call, outcome, Duration.ZERO) instanceof Attempt.Enlisted alone) {
				alone.record().commit();
				became = RequestOutcome.FIRST;
			}
		}
		catch (RuntimeException | Error ex) {
			logger.warn(this.call.operation() + ": the exception of record " + this.call.recordKey()
					+ " is not stored, and its key is free: " + ex.getMessage());
			thrown.addSuppressed(ex);
		}
		this.gate.tell(became, this.call);
	}

	@Override
	public void committed() {
		end(this.ifCommitted);
	}

	@Override
	public void rolledBack() {
		end(this.otherwise);
	}

	@Override
	public void unknown() {
		end(RequestOutcome.COMMIT_FAILED);
	}

	/**
	 * Records the outcome. If this class ends the transaction itself, listeners are
	 * notified later, after the connection of the transaction was returned to its pool.
	 */
	private void end(RequestOutcome outcome) {
		this.ended = true;
		this.became = outcome;
		if (this.record.isJoined()) {
			this.gate.tell(outcome, this.call);
		}
	}

	private void tellIfEndedHere(RequestOutcome outcome) {
		if (!this.record.isJoined()) {
			this.gate.tell(outcome, this.call);
		}
	}

}
