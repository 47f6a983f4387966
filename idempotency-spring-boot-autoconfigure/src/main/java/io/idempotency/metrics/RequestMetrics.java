package io.idempotency.metrics;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.RequestOutcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * Counts what becomes of requests, and times their waits. Every meter is there from the
 * start, so that an alert on an outcome that has never come sees a zero.
 */
final class RequestMetrics implements IdempotencyListener {

	private final Map<RequestOutcome, Counter> requests = new EnumMap<>(RequestOutcome.class);

	private final Timer waits;

	private final Counter purged;

	RequestMetrics(MeterRegistry registry) {
		for (RequestOutcome outcome : RequestOutcome.values()) {
			this.requests.put(outcome,
					Counter.builder("idempotency.requests")
						.description("Requests to protected handlers by what became of them")
						.tag("outcome", Names.of(outcome))
						.register(registry));
		}
		this.waits = Timer.builder("idempotency.wait")
			.description("How long requests waited for another one with their key")
			.register(registry);
		this.purged = Counter.builder("idempotency.purged")
			.description("Expired records that were removed from stores")
			.register(registry);
	}

	@Override
	public void onRequest(IdempotencyEvent event) {
		Counter counter = this.requests.get(event.outcome());
		if (counter != null) {
			counter.increment();
		}
	}

	@Override
	public void onWaited(Duration waited) {
		this.waits.record(waited);
	}

	@Override
	public void onPurged(int records) {
		this.purged.increment(records);
	}

}
