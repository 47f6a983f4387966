package io.idempotency.metrics;

import io.idempotency.engine.RequestTracing;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import org.jspecify.annotations.Nullable;

/**
 * Tags the span of a replay with the identifier of the trace that created the response.
 */
final class ReplayTracing implements RequestTracing {

	static final String ORIGINAL_TRACE = "idempotency.original.trace.id";

	private final Tracer tracer;

	ReplayTracing(Tracer tracer) {
		this.tracer = tracer;
	}

	@Override
	public @Nullable String traceId() {
		Span span = this.tracer.currentSpan();
		String traceId = (span != null) ? span.context().traceId() : "";
		return traceId.isEmpty() ? null : traceId;
	}

	@Override
	public void replays(String traceId) {
		Span span = this.tracer.currentSpan();
		if (span != null) {
			span.tag(ORIGINAL_TRACE, traceId);
		}
	}

}
