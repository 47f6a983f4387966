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
 * Creates the outcomes of calls from their results and exceptions.
 *
 * @param json writes results as JSON
 * @param maxSize the maximum size of a result, in bytes
 * @param tracing returns the current trace, which is stored with the result
 */
record CallOutcomes(ResultJson json, long maxSize, RequestTracing tracing) {

	private static final Log logger = LogFactory.getLog(CallOutcomes.class);

	/**
	 * Returns the outcome of work that has had its effect. If its result cannot be
	 * stored, the outcome says so, because the work must not run again.
	 */
	Outcome ofEffect(Call call, JavaType type, @Nullable Object result, boolean thrown) {
		try {
			return write(type, result, thrown);
		}
		catch (NotStorableException ex) {
			logger.warn(call.operation() + ": the result of record " + call.recordKey() + " is not stored, because "
					+ ex.getMessage() + "; later calls with its key get an exception");
			return new ResponseNotStored();
		}
	}

	/**
	 * Returns the outcome of work that is rolled back if its result cannot be stored.
	 * @throws IdempotencyResultException if the result cannot be stored
	 */
	StoredResult require(Call call, JavaType type, @Nullable Object result, boolean thrown) {
		try {
			return write(type, result, thrown);
		}
		catch (NotStorableException ex) {
			throw new IdempotencyResultException(call.operation(),
					"the work is rolled back with its transaction, because its result cannot be stored: "
							+ ex.getMessage(),
					ex);
		}
	}

	private StoredResult write(JavaType type, @Nullable Object result, boolean thrown) {
		return this.json.write(type, result, thrown, this.tracing.traceId(), this.maxSize,
				"idempotency.max-result-size");
	}

}
