package io.idempotency.client;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

import io.idempotency.client.IdempotencyClientProperties.Retry;
import org.jspecify.annotations.Nullable;

import org.springframework.util.backoff.BackOffExecution;
import org.springframework.util.backoff.ExponentialBackOff;

/**
 * Computes the pauses between the attempts of one request.
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
	 * Returns the next pause in milliseconds. If the service asks for a pause, it is a
	 * lower limit: the back-off continues, and a random part is added so that not all
	 * clients return at the same moment.
	 * @param asked the pause that the service asks for, or {@code null}
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
