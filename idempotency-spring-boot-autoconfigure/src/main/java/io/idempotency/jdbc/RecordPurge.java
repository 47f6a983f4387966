package io.idempotency.jdbc;

import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * Removes expired rows in batches, so that each transaction is short. A purge that takes
 * too long stops, and the next purge removes the rest. Several instances may purge at the
 * same time.
 */
final class RecordPurge {

	private static final int PURGED_AT_ONCE = 1000;

	private final RecordDatabase database;

	RecordPurge(RecordDatabase database) {
		this.database = database;
	}

	/**
	 * Removes expired rows.
	 * @param longest the time after which no further batch begins
	 * @return how many rows were removed
	 */
	int purge(Duration longest) {
		long end = System.nanoTime() + longest.toNanos();
		return purge(end, this::purgeCompleted) + purge(end, this::purgeAbandoned);
	}

	private static int purge(long end, IntSupplier batch) {
		int all = 0;
		int removed;
		do {
			removed = batch.getAsInt();
			all += removed;
		}
		while (removed == PURGED_AT_ONCE && System.nanoTime() - end < 0);
		return all;
	}

	private int purgeCompleted() {
		return this.database
			.committed((jdbc, statements) -> jdbc.sql(statements.purge()).param("batch", PURGED_AT_ONCE).update());
	}

	/**
	 * Removes records whose lease has lapsed. They are searched without a lock, so that
	 * the search does not wait for requests in progress.
	 */
	private int purgeAbandoned() {
		List<String> keys = this.database.committed((jdbc, statements) -> jdbc.sql(statements.abandoned())
			.param("batch", PURGED_AT_ONCE)
			.query(String.class)
			.list());
		return keys.isEmpty() ? 0
				: this.database.committed((jdbc, statements) -> jdbc.sql(statements.purgeAbandoned())
					.param("keys", keys.stream().sorted().toList())
					.update());
	}

}
