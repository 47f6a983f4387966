package io.idempotency.method;

import io.idempotency.engine.Attempt;
import io.idempotency.engine.RequestTracing;
import io.idempotency.result.ResultJson;
import io.idempotency.store.StoredResult;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * Gives later calls what the first one ended with.
 *
 * @param json reads results
 * @param tracing is told which trace a result comes from
 */
record CallReplay(ResultJson json, RequestTracing tracing) {

	/**
	 * Gives what was stored, or throws it. A type that the application no longer declares
	 * is never created.
	 */
	@Nullable Object of(Call call, Attempt attempt) {
		if (!(attempt instanceof Attempt.Result result)) {
			throw new IdempotencyResultException(call.operation(), "the record is that of an HTTP request", null);
		}
		StoredResult stored = result.result();
		if (stored.traceId() != null) {
			this.tracing.replays(stored.traceId());
		}
		JavaType type = stored.thrown() ? call.resultType().exceptionNamed(stored.type()) : call.resultType().type();
		if (type == null) {
			throw new IdempotencyResultException(call.operation(), "the work has thrown a " + stored.type()
					+ " before, which is none of the exceptions that are stored now", null);
		}
		Object value = read(call, type, stored);
		if (stored.thrown() && value instanceof Throwable thrown) {
			CallReplay.<RuntimeException>sneak(thrown);
		}
		return value;
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
	 * The exceptions that are stored are those that the work may throw.
	 */
	@SuppressWarnings("unchecked")
	private static <E extends Throwable> void sneak(Throwable thrown) throws E {
		throw (E) thrown;
	}

}
