package io.idempotency.actuate;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordKey;
import io.idempotency.web.IdempotencyProperties.OnStoreFailure;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Says whether a store answers. One that does not takes the application down if requests
 * are refused for it.
 */
final class StoreHealthIndicator extends AbstractHealthIndicator {

	private static final Duration PATIENCE = Duration.ofSeconds(2);

	/**
	 * A record that no request has.
	 */
	private static final RecordKey NO_RECORD = new RecordKey(
			"5f0a9c1d7be24683f1c0de55a7b9432e8d61f07ac3b84e925d10fe6b72c9a348");

	private final IdempotencyStore store;

	private final OnStoreFailure onStoreFailure;

	private final SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("idempotency-health-");

	private @Nullable Future<?> question;

	StoreHealthIndicator(IdempotencyStore store, OnStoreFailure onStoreFailure) {
		this.store = store;
		this.onStoreFailure = onStoreFailure;
		this.threads.setDaemon(true);
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) throws Exception {
		builder.withDetail("store", this.store.getClass().getSimpleName());
		try {
			ask().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
			builder.up();
		}
		catch (ExecutionException ex) {
			failed(builder, ex.getCause());
		}
		catch (TimeoutException ex) {
			failed(builder, new IllegalStateException("No answer within " + PATIENCE.toSeconds() + " s", ex));
		}
	}

	/**
	 * Asks once at a time, so that a store which hangs holds one thread, no more.
	 */
	private synchronized Future<?> ask() {
		Future<?> asked = this.question;
		if (asked == null || asked.isDone()) {
			asked = this.threads.submit(() -> this.store.find(NO_RECORD));
			this.question = asked;
		}
		return asked;
	}

	private void failed(Health.Builder builder, @Nullable Throwable cause) {
		if (cause instanceof UnsupportedOperationException) {
			builder.unknown().withDetail("reason", String.valueOf(cause.getMessage()));
		}
		else if (this.onStoreFailure == OnStoreFailure.PROCEED) {
			builder.up()
				.withDetail("failure", String.valueOf(cause))
				.withDetail("consequence", "Requests run unprotected, since idempotency.on-store-failure=proceed");
		}
		else {
			builder.down((cause != null) ? cause : new IllegalStateException("Unknown failure"));
		}
	}

}
