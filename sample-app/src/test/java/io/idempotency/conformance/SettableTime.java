package io.idempotency.conformance;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Time that passes as ever, and can be advanced.
 */
final class SettableTime implements InstantSource {

	private final AtomicReference<Duration> advance = new AtomicReference<>(Duration.ZERO);

	@Override
	public Instant instant() {
		return Instant.now().plus(this.advance.get());
	}

	void advance(Duration time) {
		this.advance.accumulateAndGet(time, Duration::plus);
	}

}
