package io.idempotency.method;

import io.idempotency.engine.RequestTracing;
import io.idempotency.result.NotStorableException;
import io.idempotency.result.ResultJson;
import io.idempotency.store.Outcome;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredResult;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;

/**
 * Makes outcomes of what work has ended with.
 *
 * @param json writes results
 * @param maxSize the longest result that is stored, in bytes
 * @param tracing tells which trace a result comes from
 */
record CallOutcomes(ResultJson json, long maxSize, RequestTracing tracing) {

	private static final Log logger = LogFactory.getLog(CallOutcomes.class);

	/**
	 * Returns the outcome of work that has had its effect: what cannot be stored must not
	 * let it run again.
	 */
	Outcome ofEffect(Call call, JavaType type, @Nullable Object result, boolean thrown) {
		try {
			return write(type, result, thrown);
		}
		catch (NotStorableException ex) {
			logger.warn(call.operation() + ": the result of record " + call.recordKey() + " is not stored, since "
					+ ex.getMessage() + "; later calls with its key get an exception");
			return new ResponseNotStored();
		}
	}

	/**
	 * Returns the outcome of work whose effect goes with it.
	 * @throws IdempotencyResultException if it cannot be stored
	 */
	StoredResult require(Call call, JavaType type, @Nullable Object result, boolean thrown) {
		try {
			return write(type, result, thrown);
		}
		catch (NotStorableException ex) {
			throw new IdempotencyResultException(call.operation(),
					"the work is rolled back with its transaction, since its result cannot be stored: "
							+ ex.getMessage(),
					ex);
		}
	}

	private StoredResult write(JavaType type, @Nullable Object result, boolean thrown) {
		return this.json.write(type, result, thrown, this.tracing.traceId(), this.maxSize,
				"idempotency.max-result-size");
	}

}
