package io.idempotency.metrics;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.idempotency.engine.Entry;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.engine.ResumedAttempt;
import io.idempotency.engine.StepEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

/**
 * Counts the outcomes of requests, and measures how long requests wait. The counters of
 * HTTP outcomes exist from the start, so that an alert on an outcome that has not
 * occurred yet sees a zero. Those of methods and listeners exist from their first call.
 */
final class RequestMetrics implements IdempotencyListener {

	private final MeterRegistry registry;

	private final Map<Entry, Map<RequestOutcome, Counter>> requests = new ConcurrentHashMap<>();

	private final Map<Entry, Counter> resumed = new ConcurrentHashMap<>();

	private final Map<Entry, Counter> stepsTaken = new ConcurrentHashMap<>();

	private final Map<Entry, Counter> stepsResumed = new ConcurrentHashMap<>();

	private final Timer waits;

	private final Counter purged;

	RequestMetrics(MeterRegistry registry) {
		this.registry = registry;
		this.requests.put(Entry.HTTP, counters(Entry.HTTP));
		this.waits = Timer.builder("idempotency.wait")
			.description("How long requests waited for another one with their key")
			.register(registry);
		this.purged = Counter.builder("idempotency.purged")
			.description("Expired records that were removed from stores")
			.register(registry);
	}

	private Map<RequestOutcome, Counter> counters(Entry entry) {
		Map<RequestOutcome, Counter> counters = new EnumMap<>(RequestOutcome.class);
		for (RequestOutcome outcome : RequestOutcome.values()) {
			counters.put(outcome,
					Counter.builder("idempotency.requests")
						.description("Requests to protected handlers, methods and listeners by outcome")
						.tag("outcome", Names.of(outcome))
						.tag("entry", Names.of(entry))
						.register(this.registry));
		}
		return counters;
	}

	@Override
	public void onRequest(IdempotencyEvent event) {
		Counter counter = this.requests.computeIfAbsent(event.entry(), this::counters).get(event.outcome());
		if (counter != null) {
			counter.increment();
		}
	}

	@Override
	public void onResumed(ResumedAttempt attempt) {
		this.resumed
			.computeIfAbsent(attempt.entry(),
					(entry) -> Counter.builder("idempotency.resumed")
						.description("Requests that continued after the steps of an earlier one")
						.tag("entry", Names.of(entry))
						.register(this.registry))
			.increment();
	}

	@Override
	public void onStep(StepEvent event) {
		Map<Entry, Counter> counters = event.resumed() ? this.stepsResumed : this.stepsTaken;
		String result = event.resumed() ? "resumed" : "taken";
		counters.computeIfAbsent(event.entry(), (entry) -> steps(entry, result)).increment();
	}

	private Counter steps(Entry entry, String result) {
		return Counter.builder("idempotency.steps")
			.description("Steps of handlers, methods and listeners, either taken or resumed from an earlier attempt")
			.tag("result", result)
			.tag("entry", Names.of(entry))
			.register(this.registry);
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
