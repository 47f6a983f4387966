package io.idempotency.actuate;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.idempotency.policy.EngineProperties.OnStoreFailure;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.NotAcknowledgedException;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoreFullException;
import io.idempotency.store.StoreUsage;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Reports whether a store accepts claims, and how full it is. If a store does not answer,
 * the health is down only if requests are refused in this case.
 * <p>
 * The check claims a record instead of only reading one, because a read-only replica
 * would answer a read.
 */
final class StoreHealthIndicator extends AbstractHealthIndicator {

	private static final Duration PATIENCE = Duration.ofSeconds(2);

	private static final LeaseTerms TERMS = new LeaseTerms(PATIENCE, null);

	/**
	 * A random record key, which no request and no other instance uses.
	 */
	private final RecordKey noRecord = RecordKey.random();

	private final IdempotencyStore store;

	private final OnStoreFailure onStoreFailure;

	private final SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor("idempotency-health-");

	private @Nullable Future<Answer> question;

	StoreHealthIndicator(IdempotencyStore store, OnStoreFailure onStoreFailure) {
		this.store = store;
		this.onStoreFailure = onStoreFailure;
		this.threads.setDaemon(true);
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) throws Exception {
		builder.withDetail("store", this.store.getClass().getSimpleName());
		try {
			answered(builder, ask().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
		}
		catch (ExecutionException ex) {
			failed(builder, ex.getCause());
		}
		catch (TimeoutException ex) {
			failed(builder, new IllegalStateException("No answer within " + PATIENCE.toSeconds() + " s", ex));
		}
	}

	/**
	 * Starts a check unless one is still running, so that a store that hangs blocks only
	 * one thread.
	 */
	private synchronized Future<Answer> ask() {
		Future<Answer> asked = this.question;
		if (asked == null || asked.isDone()) {
			asked = this.threads.submit(this::claim);
			this.question = asked;
		}
		return asked;
	}

	/**
	 * Claims the record and releases it. If the release fails, the lease lapses by
	 * itself.
	 */
	private Answer claim() {
		Lease probe = Lease.of(this.noRecord);
		String full = null;
		String unacknowledged = null;
		try {
			this.store.acquire(probe, Fingerprint.ANY, TERMS);
		}
		catch (StoreFullException ex) {
			full = String.valueOf(ex.getMessage());
		}
		catch (NotAcknowledgedException ex) {
			unacknowledged = String.valueOf(ex.getMessage());
		}
		if (full == null) {
			this.store.release(probe);
		}
		return new Answer(full, unacknowledged, this.store.usage());
	}

	/**
	 * Reports a store as up even if it is full or its replicas are behind, because it
	 * still answers retries.
	 */
	private static void answered(Health.Builder builder, Answer answer) {
		builder.up();
		if (answer.full() != null) {
			builder.withDetail("full", answer.full());
		}
		if (answer.unacknowledged() != null) {
			builder.withDetail("unacknowledged", answer.unacknowledged());
		}
		StoreUsage usage = answer.usage();
		if (usage != null) {
			Map<String, Long> details = new LinkedHashMap<>();
			details.put("entries", usage.entries());
			details.put("maxEntries", usage.maxEntries());
			details.put("bytes", usage.bytes());
			details.put("maxBytes", usage.maxBytes());
			builder.withDetail("usage", details);
		}
	}

	private void failed(Health.Builder builder, @Nullable Throwable cause) {
		if (cause instanceof UnsupportedOperationException) {
			builder.unknown().withDetail("reason", String.valueOf(cause.getMessage()));
		}
		else if (this.onStoreFailure == OnStoreFailure.PROCEED) {
			builder.up()
				.withDetail("failure", String.valueOf(cause))
				.withDetail("consequence", "Requests run unprotected, because idempotency.on-store-failure=proceed");
		}
		else {
			builder.down((cause != null) ? cause : new IllegalStateException("Unknown failure"));
		}
	}

	/**
	 * The answer of a store.
	 *
	 * @param full why the store has no room for further keys, or {@code null} if it has
	 * room
	 * @param unacknowledged why the store did not acknowledge the claim as its settings
	 * require, or {@code null} if it did
	 * @param usage how full the store is, or {@code null} if it does not know
	 */
	private record Answer(@Nullable String full, @Nullable String unacknowledged, @Nullable StoreUsage usage) {
	}

}
