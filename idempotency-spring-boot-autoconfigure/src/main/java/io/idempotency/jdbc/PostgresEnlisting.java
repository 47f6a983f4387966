package io.idempotency.jdbc;

import java.time.Duration;
import java.util.Map;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Writes records without causing errors, because on PostgreSQL a failed statement aborts
 * the caller's transaction. So does a statement that waits too long for a row. Each
 * transaction therefore takes an advisory lock for each record that it writes. A
 * transaction that does not get this lock knows without waiting that another transaction
 * is writing the record. The lock is only a hint: the primary key decides who writes the
 * record.
 * <p>
 * A transaction that may wait sets a savepoint and waits for the lock. It keeps the lock
 * only if it then finds the record free. Otherwise it rolls back to the savepoint, so
 * that other waiting transactions continue at once.
 */
final class PostgresEnlisting extends Enlisting {

	private static final String LOCK = ":lock # cast(cast(cast('{table}' as regclass) as oid) as bigint)";

	private static final String ENLIST = """
			with clock as materialized (select {now} as now),
			present as (
			  select fingerprint, outcome, lease_end <= now as lapsed, {removed:{table}} as removed,
			    {resumable:{table}} as resumable
			  from {table}, clock
			  where record_key = :key and not ({enlistable:{table}})),
			turn as materialized (
			  select pg_try_advisory_xact_lock(%s) as mine where not exists (select 1 from present)),
			enlisted as (
			  insert into {table} as r (record_key, owner, fingerprint, outcome, lease_end, stay, acquired_at,
			    expires_at)
			  select :key, :owner, :fingerprint, :outcome, now, 0, now, now + :expiry from clock, turn where mine
			  on conflict (record_key) do update
			  set owner = excluded.owner, fingerprint = excluded.fingerprint, outcome = excluded.outcome,
			    steps = null, steps_end = null, removed_owner = null, lease_end = excluded.lease_end, stay = 0,
			    acquired_at = excluded.acquired_at, expires_at = excluded.expires_at
			  where {enlistable:r}
			  returning record_key)
			select false as enlisted, false as taken, fingerprint, outcome, lapsed, removed, resumable,
			  cast(null as bytea) as steps from present
			union all select true, false, null, null, false, false, false, null from enlisted
			union all select false, true, null, null, false, false, false, null from turn where not mine
			""".formatted(LOCK);

	/**
	 * Waits for the lock, and restores the lock timeout for the statements that follow.
	 */
	private static final String AWAIT_TURN = """
			with before as materialized (select current_setting('lock_timeout') as value),
			limited as materialized (select value, set_config('lock_timeout', :most, true) from before),
			waited as materialized (select value, pg_advisory_xact_lock(%s) from limited)
			select set_config('lock_timeout', value, true) from waited
			""".formatted(LOCK);

	private final String enlist;

	private final String awaitTurn;

	PostgresEnlisting(Statements.Template template) {
		this.enlist = template.fill(ENLIST);
		this.awaitTurn = template.fill(AWAIT_TURN);
	}

	@Override
	Answer enlist(JdbcClient jdbc, Map<String, Object> parameters, Duration atMost) {
		Answer answer = tryToEnlist(jdbc, parameters);
		return (answer == Answer.TAKEN && atMost.toMillis() > 0) ? waitThenEnlist(jdbc, parameters, atMost.toMillis())
				: answer;
	}

	/**
	 * Tries to write the record without waiting. The statement returns no row if another
	 * transaction was committed in between.
	 */
	private Answer tryToEnlist(JdbcClient jdbc, Map<String, Object> parameters) {
		return jdbc.sql(this.enlist)
			.params(parameters)
			.query((result, index) -> result.getBoolean("taken") ? Answer.TAKEN : Answer.of(result))
			.optional()
			.orElse(Answer.CHANGED);
	}

	private Answer waitThenEnlist(JdbcClient jdbc, Map<String, Object> parameters, long millis) {
		jdbc.sql("savepoint idempotency").update();
		Answer answer = Answer.TAKEN;
		try {
			jdbc.sql(this.awaitTurn)
				.params(parameters)
				.param("most", Long.toString(millis))
				.withQueryTimeout(0)
				.query(String.class)
				.single();
			answer = tryToEnlist(jdbc, parameters);
		}
		catch (DataAccessException ex) {
			if (!Enlisting.isLockTimeout(ex)) {
				throw ex;
			}
		}
		if (answer != Answer.ENLISTED) {
			jdbc.sql("rollback to savepoint idempotency").update();
		}
		jdbc.sql("release savepoint idempotency").update();
		return answer;
	}

}
