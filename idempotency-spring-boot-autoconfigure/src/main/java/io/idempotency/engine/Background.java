package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What the engine does without a request. Withdrawals of claims have a thread of their
 * own: while a store does not answer there is one for each request that was refused, and
 * the ends of requests that ran must not queue behind them.
 *
 * @param ends renews leases, and tries again to end requests
 * @param withdrawals withdraws claims of which nobody knows whether the store got them
 */
record Background(ScheduledExecutorService ends, ScheduledExecutorService withdrawals) {

	private static final int THREADS_FOR_ENDS = 2;

	static Background start() {
		return new Background(executor("idempotency-", THREADS_FOR_ENDS), executor("idempotency-withdrawal-", 1));
	}

	/**
	 * Work that comes after the end is dropped.
	 */
	private static ScheduledExecutorService executor(String threads, int count) {
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(count, new BackgroundThreads(threads),
				new ThreadPoolExecutor.DiscardPolicy());
		executor.setRemoveOnCancelPolicy(true);
		return executor;
	}

	/**
	 * Stops renewing leases, and gives each end that is due a last try.
	 */
	void stop(Duration patience) {
		this.withdrawals.shutdownNow();
		this.ends.shutdown();
		try {
			this.ends.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		this.ends.shutdownNow();
	}

}
