package io.idempotency.engine;

import org.jspecify.annotations.Nullable;

/**
 * Connects the trace of a replay with the trace that made the response.
 */
public interface RequestTracing {

	/**
	 * Traces nothing.
	 */
	RequestTracing NONE = new RequestTracing() {

		@Override
		public @Nullable String traceId() {
			return null;
		}

		@Override
		public void replays(String traceId) {
		}

	};

	/**
	 * Returns the identifier of the current request's trace, which is stored with its
	 * response.
	 * @return the identifier, or {@code null} if the request is not traced
	 */
	@Nullable String traceId();

	/**
	 * Notes in the current request's trace where the response comes from.
	 * @param traceId the identifier of the trace that made it
	 */
	void replays(String traceId);

}
