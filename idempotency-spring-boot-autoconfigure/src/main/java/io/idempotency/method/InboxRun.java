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
 * The first call of a key while its work runs in the transaction that has its record.
 * What becomes of the call is told when that transaction has ended.
 * <p>
 * A call that is to be transactional fails as a whole: an exception of its work, or a
 * result that cannot be stored, rolls the transaction back. Of another one, which is here
 * only because its caller has a transaction, the caller decides.
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
	 * Whatever happens here, the exception of the work is the one that counts.
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
	 * Leaves the transaction to its owner, who may go on.
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
	 * An exception that is an answer takes the work back, and is then committed without
	 * it, unless another call has come in between.
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
					+ " is not stored, so that its key is free: " + ex.getMessage());
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
	 * The connection of a transaction that ends here is given back before anybody is
	 * told.
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
