package io.idempotency.engine;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes daemon threads that do not hold on to the class loader of the request thread that
 * happened to start them.
 */
final class BackgroundThreads implements ThreadFactory {

	private final String prefix;

	private final AtomicInteger count = new AtomicInteger();

	BackgroundThreads(String prefix) {
		this.prefix = prefix;
	}

	@Override
	public Thread newThread(Runnable task) {
		Thread thread = new Thread(task, this.prefix + this.count.incrementAndGet());
		thread.setDaemon(true);
		thread.setContextClassLoader(BackgroundThreads.class.getClassLoader());
		return thread;
	}

}
