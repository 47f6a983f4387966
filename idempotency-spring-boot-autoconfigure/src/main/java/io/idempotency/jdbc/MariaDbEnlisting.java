package io.idempotency.jdbc;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Writes a free record, or returns the present one, with one statement. The statement
 * waits for the row. If that takes too long, it fails, but the transaction stays usable.
 */
final class MariaDbEnlisting extends Enlisting {

	/**
	 * The minimum time to wait: long enough for a transaction that only reads this row or
	 * a neighbouring one.
	 */
	private static final Duration SHORTEST_WAIT = Duration.ofMillis(100);

	/**
	 * The owner is set first, so that the assignments of the other columns can see from
	 * it that the row was free.
	 */
	private static final String ENLIST = """
			set statement max_statement_time = {seconds}, innodb_lock_wait_timeout = {patience} for
			insert into {table} (record_key, owner, fingerprint, outcome, lease_end, stay, acquired_at,
			  expires_at)
			values (:key, :owner, :fingerprint, :outcome, {now}, 0, {now}, {now} + :expiry)
			on duplicate key update
			  owner = if({enlistable:{table}}, values(owner), owner),
			  fingerprint = if(owner = :owner, values(fingerprint), fingerprint),
			  outcome = if(owner = :owner, values(outcome), outcome),
			  steps = if(owner = :owner, null, steps),
			  steps_end = if(owner = :owner, null, steps_end),
			  removed_owner = if(owner = :owner, null, removed_owner),
			  lease_end = if(owner = :owner, values(lease_end), lease_end),
			  stay = if(owner = :owner, 0, stay),
			  acquired_at = if(owner = :owner, values(acquired_at), acquired_at),
			  expires_at = if(owner = :owner, values(expires_at), expires_at)
			returning owner = :owner as enlisted, fingerprint, if(owner = :owner, null, outcome) as outcome,
			  lease_end <= {now} as lapsed, false as removed, {resumable:{table}} as resumable, null as steps
			""";

	private final String enlist;

	private final String find;

	MariaDbEnlisting(Statements.Template template) {
		this.enlist = template.fill(ENLIST);
		this.find = template.fill(Statements.FIND);
	}

	@Override
	Answer enlist(JdbcClient jdbc, Map<String, Object> parameters, Duration atMost) {
		try {
			return jdbc.sql(within(atMost))
				.params(parameters)
				.withQueryTimeout(0)
				.query((result, index) -> Answer.of(result))
				.single();
		}
		catch (DataAccessException ex) {
			if (!Enlisting.isLockTimeout(ex)) {
				throw ex;
			}
			return find(jdbc, parameters);
		}
	}

	private String within(Duration atMost) {
		Duration wait = (atMost.compareTo(SHORTEST_WAIT) < 0) ? SHORTEST_WAIT : atMost;
		return this.enlist.replace("{seconds}", String.format(Locale.ROOT, "%.3f", wait.toMillis() / 1000.0))
			.replace("{patience}", Long.toString(wait.toSeconds() + 2));
	}

	/**
	 * Reads the record without a lock. A transaction that has got the present record
	 * keeps the row locked until it ends, but others can still read the row.
	 */
	private Answer find(JdbcClient jdbc, Map<String, Object> parameters) {
		return jdbc.sql(this.find)
			.params(parameters)
			.query((result, index) -> Answer.present(RecordRow.of(result)))
			.optional()
			.orElse(Answer.TAKEN);
	}

}
