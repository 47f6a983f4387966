package io.idempotency.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import io.idempotency.client.IdempotencyClientProperties.Retry;
import org.jspecify.annotations.Nullable;

import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/**
 * The pauses between the attempts of one request.
 */
final class RetryPauses {

	private final Duration longest;

	private final long jitter;

	private final BackOffExecution backOff;

	RetryPauses(Retry retry) {
		this.longest = retry.maxDelay();
		ExponentialBackOff exponential = new ExponentialBackOff(retry.delay().toMillis(), retry.multiplier());
		this.jitter = retry.delay().toMillis() / 2;
		exponential.setJitter(this.jitter);
		exponential.setMaxInterval(retry.maxDelay().toMillis());
		exponential.setMaxAttempts(retry.maxAttempts() - 1L);
		this.backOff = exponential.start();
	}

	/**
	 * Returns the next pause in milliseconds. What the service asks for is the least: it
	 * neither ends the back-off, nor brings all clients back at one moment.
	 * @param asked what the service asks for, if it does
	 * @return the pause, or {@link BackOffExecution#STOP} if there is no further attempt
	 */
	long next(@Nullable Duration asked) {
		long own = this.backOff.nextBackOff();
		if (own == BackOffExecution.STOP || asked == null) {
			return own;
		}
		if (asked.compareTo(this.longest) > 0) {
			return BackOffExecution.STOP;
		}
		return Math.max(own, asked.toMillis() + ThreadLocalRandom.current().nextLong(this.jitter + 1));
	}

}
