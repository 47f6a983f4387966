package io.idempotency.method;

import java.util.concurrent.CompletableFuture;

import io.idempotency.engine.Attempt;
import io.idempotency.engine.RequestTracing;
import io.idempotency.result.ResultJson;
import io.idempotency.store.StoredResult;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * Returns the result of the first call to later calls, or throws its exception.
 *
 * @param json reads results from JSON
 * @param tracing is notified of the trace of the first call
 */
record CallReplay(ResultJson json, RequestTracing tracing) {

	/**
	 * Returns or throws what was stored.
	 */
	@Nullable Object of(Call call, Attempt attempt) {
		StoredResult stored = stored(call, attempt);
		Object value = value(call, stored);
		if (stored.thrown() && value instanceof Throwable thrown) {
			CallReplay.<RuntimeException>sneak(thrown);
		}
		return value;
	}

	/**
	 * Returns what was stored as a future, which fails with a stored exception.
	 */
	CompletableFuture<@Nullable Object> asyncOf(Call call, Attempt attempt) {
		StoredResult stored = stored(call, attempt);
		Object value = value(call, stored);
		return (stored.thrown() && value instanceof Throwable thrown) ? CompletableFuture.failedFuture(thrown)
				: CompletableFuture.completedFuture(value);
	}

	private StoredResult stored(Call call, Attempt attempt) {
		if (!(attempt instanceof Attempt.Result result)) {
			throw new IdempotencyResultException(call.operation(), "the record belongs to an HTTP request", null);
		}
		StoredResult stored = result.result();
		if (stored.traceId() != null) {
			this.tracing.replays(stored.traceId());
		}
		return stored;
	}

	/**
	 * Reads a result or an exception. An exception is created only if the application
	 * still declares its type.
	 */
	private @Nullable Object value(Call call, StoredResult stored) {
		JavaType type = stored.thrown() ? call.resultType().exceptionNamed(stored.type()) : call.resultType().type();
		if (type == null) {
			throw new IdempotencyResultException(call.operation(), "the work has thrown a " + stored.type()
					+ " before, which is not one of the stored exceptions any more", null);
		}
		return read(call, type, stored);
	}

	private @Nullable Object read(Call call, JavaType type, StoredResult stored) {
		try {
			return this.json.read(type, stored.json());
		}
		catch (IllegalArgumentException ex) {
			throw new IdempotencyResultException(call.operation(), "the work has run before, and its result, stored as "
					+ stored.type() + ", does not read as " + type.toCanonical() + ": " + ex.getMessage(), ex);
		}
	}

	/**
	 * Throws an exception without declaring it. Only exceptions that the work may throw
	 * are stored.
	 */
	@SuppressWarnings("unchecked")
	private static <E extends Throwable> void sneak(Throwable thrown) throws E {
		throw (E) thrown;
	}

}
