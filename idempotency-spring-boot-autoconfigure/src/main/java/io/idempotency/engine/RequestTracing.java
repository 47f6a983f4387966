package io.idempotency.engine;

import org.jspecify.annotations.Nullable;

/**
 * Links the trace of a replay to the trace of the request that created the response.
 */
public interface RequestTracing {

	/**
	 * An implementation that does nothing.
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
	 * Returns the trace identifier of the current request, which is stored with the
	 * response.
	 * @return the identifier, or {@code null} if the request is not traced
	 */
	@Nullable String traceId();

	/**
	 * Adds the origin of a replayed response to the trace of the current request.
	 * @param traceId the identifier of the trace that created the response
	 */
	void replays(String traceId);

}
