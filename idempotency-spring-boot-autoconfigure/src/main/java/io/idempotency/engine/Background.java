package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * What the engine does without a request. Each purpose has threads of its own, so that
 * what piles up while one store does not answer delays neither the renewals of leases
 * that other stores keep, nor the ends of waits.
 *
 * @param renewals renews leases
 * @param ends tries again to end requests that the store did not let end
 * @param withdrawals withdraws claims of which nobody knows whether the store got them
 * @param timers ends waits; it never asks a store
 */
record Background(ScheduledExecutorService renewals, ScheduledExecutorService ends,
		ScheduledExecutorService withdrawals, ScheduledExecutorService timers) {

	private static final int THREADS_THAT_ASK_STORES = 2;

	static Background start() {
		return new Background(executor("idempotency-renewal-", THREADS_THAT_ASK_STORES),
				executor("idempotency-end-", THREADS_THAT_ASK_STORES), executor("idempotency-withdrawal-", 1),
				executor("idempotency-timer-", 1));
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
		this.renewals.shutdownNow();
		this.withdrawals.shutdownNow();
		this.timers.shutdownNow();
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
