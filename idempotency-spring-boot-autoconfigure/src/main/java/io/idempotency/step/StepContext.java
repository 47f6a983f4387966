package io.idempotency.step;

import java.lang.reflect.Type;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyContextHolder;
import io.idempotency.Step;
import io.idempotency.StepMode;
import io.idempotency.StepWork;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import org.jspecify.annotations.Nullable;

/**
 * The context of the work of a step. It is the same as the context of the handler, except
 * for the derived keys of calls, which depend on the name of the step: an attempt that
 * resumes makes fewer calls before this step. Each run of a step has its own context, so
 * that a repeated step gets the same keys.
 */
final class StepContext implements IdempotencyContext {

	private final IdempotencyContext context;

	private final String name;

	private StepContext(IdempotencyContext context, String name) {
		this.context = context;
		this.name = name;
	}

	/**
	 * Runs the work of a step.
	 */
	@SuppressWarnings("NullAway")
	static <T extends @Nullable Object, E extends Throwable> T run(IdempotencyContext context, String name,
			StepWork<T, E> work) throws E {
		Step step = new NamedStep(name, context.derivedKey(name));
		return IdempotencyContextHolder.with(new StepContext(context, name), () -> work.run(step));
	}

	@Override
	public @Nullable String key() {
		return this.context.key();
	}

	@Override
	public @Nullable RecordKey recordKey() {
		return this.context.recordKey();
	}

	@Override
	public boolean isRetry() {
		return this.context.isRetry();
	}

	@Override
	public @Nullable StoredResponse storedResponse() {
		return this.context.storedResponse();
	}

	@Override
	public boolean isLeaseHeld() {
		return this.context.isLeaseHeld();
	}

	@Override
	public long fencingToken() {
		return this.context.fencingToken();
	}

	@Override
	public String derivedKey(String call) {
		return this.context.derivedKey(this.name.length() + ":" + this.name + "/" + call);
	}

	/**
	 * Delegates to the context of the handler, which rejects nested steps.
	 */
	@Override
	public <T extends @Nullable Object, E extends Throwable> T step(String inner, Type type, @Nullable StepMode mode,
			StepWork<T, E> work) throws E {
		return this.context.step(inner, type, mode, work);
	}

	private record NamedStep(String name, String key) implements Step {
	}

}
