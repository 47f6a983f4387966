package io.idempotency.method;

import java.lang.reflect.Type;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

import io.idempotency.engine.Entry;
import io.idempotency.method.IdempotentOperation.Settings;
import io.idempotency.policy.ProtectionPolicies;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.result.ResultJson;
import io.idempotency.result.ResultType;
import io.idempotency.store.Fingerprint;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Runs work once for each key, with the application's store. It is auto-configured as a
 * bean, and is thread-safe.
 */
public final class IdempotencyTemplate implements IdempotencyOperations {

	private final ProtectionPolicies policies;

	private final CallKeys keys;

	private final ResultJson json;

	private final CallRunner runner;

	private final ConcurrentMap<Declared, ResultType> types = new ConcurrentHashMap<>();

	IdempotencyTemplate(ProtectionPolicies policies, CallKeys keys, ResultJson json, CallRunner runner) {
		this.policies = policies;
		this.keys = keys;
		this.json = json;
		this.runner = runner;
	}

	@Override
	@SuppressWarnings("unchecked")
	public <T, E extends Throwable> @Nullable T execute(IdempotentOperation<T> operation, IdempotentWork<T, E> work)
			throws E {
		return (T) this.runner.run(call(operation), work);
	}

	@Override
	@SuppressWarnings("unchecked")
	public <T, E extends Throwable> CompletionStage<T> executeAsync(IdempotentOperation<T> operation,
			IdempotentWork<? extends CompletionStage<T>, E> work) throws E {
		Call call = call(operation);
		if (call.policy().transactional()) {
			throw new IllegalArgumentException(operation.name()
					+ ": asynchronous work cannot be part of the calling thread's transaction; remove transactional() or idempotency.jdbc.transactional");
		}
		return (CompletionStage<T>) this.runner.runAsync(call, work);
	}

	private Call call(IdempotentOperation<?> operation) {
		String name = operation.name();
		if (name.isBlank()) {
			throw new IllegalArgumentException("An idempotent operation needs a name");
		}
		String key = this.keys.require(name, operation.key());
		Settings settings = operation.settings();
		ProtectionPolicy policy = this.policies.ofCalls(settings.expiry(), settings.transactional(),
				settings.stepMode(), settings.version());
		return new Call(name, Entry.METHOD, key, CallKeys.recordKey(name, key), fingerprint(operation), policy,
				resultType(operation), settings.waitTimeout(), true);
	}

	private ResultType resultType(IdempotentOperation<?> operation) {
		try {
			return this.types.computeIfAbsent(
					new Declared(operation.resultType(), operation.settings().storedExceptions()),
					(declared) -> this.json.typeOf(declared.type(), declared.exceptions()));
		}
		catch (IllegalArgumentException ex) {
			throw new IdempotencyResultException(operation.name(), "the work did not run, because " + ex.getMessage(),
					ex);
		}
	}

	private Fingerprint fingerprint(IdempotentOperation<?> operation) {
		Object content = operation.settings().fingerprint();
		if (content == null) {
			return Fingerprint.ANY;
		}
		try {
			return this.json.fingerprint(content);
		}
		catch (JacksonException ex) {
			throw new IllegalArgumentException(
					operation.name() + ": the content to compare cannot be written as JSON: " + ex.getOriginalMessage(),
					ex);
		}
	}

	private record Declared(Type type, List<Class<? extends Throwable>> exceptions) {
	}

}
