package io.idempotency.web.servlet;

import java.lang.reflect.Type;
import java.util.UUID;

import io.idempotency.IdempotencyContext;
import io.idempotency.StepMode;
import io.idempotency.StepWork;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.web.operation.Operation;
import org.jspecify.annotations.Nullable;

/**
 * The context of a handler, whose values depend on the phase of its exchange.
 */
abstract class PhasedContext implements IdempotencyContext {

	private volatile Phase phase = new Phase.Candidate();

	final Phase phase() {
		return this.phase;
	}

	final void moveTo(Phase phase) {
		this.phase = phase;
	}

	@Override
	public @Nullable String key() {
		Operation operation = this.phase.operation();
		return (operation != null) ? operation.key() : null;
	}

	@Override
	public @Nullable RecordKey recordKey() {
		Operation operation = this.phase.operation();
		return (operation != null) ? operation.recordKey() : null;
	}

	@Override
	public boolean isRetry() {
		return this.phase instanceof Phase.Retried;
	}

	@Override
	public @Nullable StoredResponse storedResponse() {
		return (this.phase instanceof Phase.Retried retried) ? retried.response() : null;
	}

	@Override
	public boolean isLeaseHeld() {
		FirstRun run = this.phase.firstRun();
		return run != null && run.isLeaseHeld();
	}

	@Override
	public long fencingToken() {
		FirstRun run = this.phase.firstRun();
		return (run != null) ? run.fencingToken() : 0;
	}

	@Override
	public <T extends @Nullable Object, E extends Throwable> T step(String name, Type type, @Nullable StepMode mode,
			StepWork<T, E> work) throws E {
		return this.phase.steps().take(this, name, type, mode, work);
	}

	@Override
	public String derivedKey(String step) {
		RecordKey record = recordKey();
		return (record != null) ? record.derivedKey(step) : UUID.randomUUID().toString();
	}

}
