package io.idempotency.jdbc;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

import org.springframework.dao.DataAccessException;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Inserts the row, and reads it only if it already exists. The time that a statement
 * waits for a row is a number of whole seconds. If the statement fails, the transaction
 * stays usable.
 */
final class InsertEnlisting extends Enlisting {

	private static final String INSERT = """
			insert into {table} (record_key, owner, fingerprint, outcome, lease_end, stay, acquired_at,
			  expires_at)
			values (:key, :owner, :fingerprint, :outcome, {now}, 0, {now}, {now} + :expiry)
			""";

	private static final String TAKE_OVER = """
			update {table} set owner = :owner, fingerprint = :fingerprint, outcome = :outcome,
			  steps = null, steps_end = null, removed_owner = null, lease_end = {now}, stay = 0,
			  acquired_at = {now}, expires_at = {now} + :expiry
			where record_key = :key and {enlistable:{table}}
			""";

	/**
	 * On MySQL, a transaction with repeatable reads sees rows that were committed in the
	 * meantime only with a locking read. The insert has already taken this lock.
	 */
	private static final String SHARED = " lock in share mode";

	private final String insert;

	private final String takeOver;

	private final String look;

	InsertEnlisting(Statements.Template template, Dialect dialect) {
		this.insert = template.fill(INSERT);
		this.takeOver = template.fill(TAKE_OVER);
		this.look = template.fill(Statements.LOOK.replace("{free:", "{enlistable:"))
				+ ((dialect == Dialect.MYSQL) ? SHARED : "");
	}

	/**
	 * Enlists a record. The statement is repeated until the time is over, because the
	 * database may stop waiting for a lock earlier.
	 */
	@Override
	Answer enlist(JdbcClient jdbc, Map<String, Object> parameters, Duration atMost) {
		long end = System.nanoTime() + atMost.toNanos();
		while (true) {
			long left = end - System.nanoTime();
			try {
				return insertOrLook(jdbc, parameters, (int) Math.max(1, Duration.ofNanos(left).toSeconds()));
			}
			catch (DataAccessException ex) {
				if (!Enlisting.isLockTimeout(ex)) {
					throw ex;
				}
				if (end - System.nanoTime() <= 0) {
					return Answer.TAKEN;
				}
			}
		}
	}

	private Answer insertOrLook(JdbcClient jdbc, Map<String, Object> parameters, int seconds) {
		try {
			jdbc.sql(this.insert).params(parameters).withQueryTimeout(seconds).update();
			return Answer.ENLISTED;
		}
		catch (DuplicateKeyException ex) {
			return takeOverOrLook(jdbc, parameters, seconds);
		}
	}

	private Answer takeOverOrLook(JdbcClient jdbc, Map<String, Object> parameters, int seconds) {
		Optional<Found> found = jdbc.sql(this.look)
			.params(parameters)
			.withQueryTimeout(seconds)
			.query((result, index) -> new Found(RecordRow.of(result), result.getBoolean("free")))
			.optional();
		if (found.isPresent() && !found.get().free()) {
			return Answer.present(found.get().row());
		}
		boolean taken = found.isPresent()
				&& jdbc.sql(this.takeOver).params(parameters).withQueryTimeout(seconds).update() == 1;
		return taken ? Answer.ENLISTED : Answer.CHANGED;
	}

	/**
	 * A row that was found.
	 *
	 * @param row the row
	 * @param free whether the row may be taken over
	 */
	private record Found(RecordRow row, boolean free) {
	}

}
