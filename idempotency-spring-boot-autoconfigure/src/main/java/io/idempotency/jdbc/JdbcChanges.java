package io.idempotency.jdbc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import io.idempotency.store.ChangeHints;
import io.idempotency.store.IdempotencyStore.Registration;
import io.idempotency.store.RecordKey;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

/**
 * Finds out which awaited records have ended. Records that end in this instance are known
 * at once. For all others, the database is polled while requests are waiting, with one
 * query for many records.
 */
final class JdbcChanges {

	private static final Log logger = LogFactory.getLog(JdbcChanges.class);

	private static final int ASKED_AT_ONCE = 500;

	private final ChangeHints hints = new ChangeHints();

	private final AtomicBoolean looking = new AtomicBoolean();

	private final ScheduledExecutorService background = background();

	private final RecordDatabase database;

	private final Duration pollInterval;

	JdbcChanges(RecordDatabase database, Duration pollInterval) {
		this.database = database;
		this.pollInterval = pollInterval;
	}

	/**
	 * Creates the executor. Its thread exists only while requests are waiting. After a
	 * shutdown, the executor drops new tasks.
	 */
	private static ScheduledExecutorService background() {
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "idempotency-changes");
			thread.setDaemon(true);
			thread.setContextClassLoader(JdbcChanges.class.getClassLoader());
			return thread;
		}, new ThreadPoolExecutor.DiscardPolicy());
		executor.setKeepAliveTime(10, TimeUnit.SECONDS);
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

	Registration add(RecordKey key, Runnable hint) {
		Registration registration = this.hints.add(key, hint);
		lookSoon();
		return registration;
	}

	void changed(RecordKey key) {
		this.hints.changed(key);
	}

	private void lookSoon() {
		if (this.looking.compareAndSet(false, true)) {
			this.background.schedule(this::look, this.pollInterval.toMillis(), TimeUnit.MILLISECONDS);
		}
	}

	private void look() {
		Set<RecordKey> awaited = this.hints.awaited();
		try {
			ended(awaited).forEach(this.hints::changed);
		}
		catch (RuntimeException | Error ex) {
			// Waiting requests also check their records without a hint.
			logger.debug("The database did not say which records have ended", ex);
		}
		this.looking.set(false);
		if (!this.hints.awaited().isEmpty()) {
			lookSoon();
		}
	}

	private Set<RecordKey> ended(Set<RecordKey> awaited) {
		Set<RecordKey> ended = new HashSet<>(awaited);
		List<String> keys = new ArrayList<>();
		awaited.forEach((key) -> keys.add(key.hex()));
		for (int i = 0; i < keys.size(); i += ASKED_AT_ONCE) {
			List<String> some = keys.subList(i, Math.min(i + ASKED_AT_ONCE, keys.size()));
			List<String> running = this.database.committed((jdbc,
					statements) -> jdbc.sql(statements.stillRunning()).param("keys", some).query(String.class).list());
			running.forEach((key) -> ended.remove(new RecordKey(key)));
		}
		return ended;
	}

	void close() {
		this.background.shutdownNow();
	}

}
