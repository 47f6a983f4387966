package io.idempotency.engine;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Uses {@link System#nanoTime()} and daemon threads.
 */
final class BackgroundThreads implements Scheduling {

	private static final Duration IDLE = Duration.ofSeconds(30);

	@Override
	public long nanoTime() {
		return System.nanoTime();
	}

	@Override
	public Lane lane(String purpose, int threads) {
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(threads,
				daemons("idempotency-" + purpose + "-"), new ThreadPoolExecutor.DiscardPolicy());
		executor.setRemoveOnCancelPolicy(true);
		executor.setKeepAliveTime(IDLE.toNanos(), TimeUnit.NANOSECONDS);
		executor.allowCoreThreadTimeOut(true);
		return new Threads(executor);
	}

	/**
	 * Returns a factory for daemon threads. Their context class loader is that of this
	 * class, so that they do not keep the class loader of the request thread that happens
	 * to start them.
	 */
	static ThreadFactory daemons(String prefix) {
		AtomicInteger count = new AtomicInteger();
		return (task) -> {
			Thread thread = new Thread(task, prefix + count.incrementAndGet());
			thread.setDaemon(true);
			thread.setContextClassLoader(BackgroundThreads.class.getClassLoader());
			return thread;
		};
	}

	private record Threads(ScheduledThreadPoolExecutor executor) implements Lane {

		@Override
		public Timer schedule(Duration delay, Runnable task) {
			Future<?> scheduled = this.executor.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
			return () -> scheduled.cancel(false);
		}

		@Override
		public void close() {
			this.executor.shutdownNow();
		}

	}

}
