package io.idempotency.engine;

import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import io.idempotency.store.IdempotencyStore;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Removes expired records at regular intervals from stores that do not drop them by
 * themselves.
 */
public final class ExpiredRecordPurge implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(ExpiredRecordPurge.class);

	private final ScheduledExecutorService background = Executors
		.newSingleThreadScheduledExecutor(BackgroundThreads.daemons("idempotency-purge-"));

	/**
	 * Starts purging.
	 * @param stores the stores to purge
	 * @param interval the time from the end of one purge to the start of the next
	 * @param listeners are notified of the number of removed records
	 */
	public ExpiredRecordPurge(Collection<IdempotencyStore> stores, Duration interval, IdempotencyListeners listeners) {
		this.background.scheduleWithFixedDelay(() -> stores.forEach((store) -> purge(store, listeners)),
				interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
	}

	private static void purge(IdempotencyStore store, IdempotencyListeners listeners) {
		try {
			int purged = store.purgeExpired();
			if (purged > 0) {
				logger.debug("Removed " + purged + " expired idempotency records");
				listeners.onPurged(purged);
			}
		}
		catch (RuntimeException | Error ex) {
			// An exception that leaves the task would cancel all further purges.
			logger.warn("Expired idempotency records could not be removed: " + ex);
		}
	}

	@Override
	public void close() {
		this.background.shutdownNow();
	}

}
