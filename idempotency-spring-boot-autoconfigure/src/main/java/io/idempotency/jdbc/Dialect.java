package io.idempotency.jdbc;

import java.sql.DatabaseMetaData;
import java.sql.SQLException;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * The SQL that differs between databases. All times are milliseconds since 1970 by the
 * clock of the database.
 */
enum Dialect {

	/**
	 * Reads and claims a record with one statement. A record that is not free is read
	 * without a lock. The statement returns no row if another request claimed the record
	 * in between. It waits at most one second for the transaction of another request.
	 * This limit ends with the statement's own transaction.
	 */
	POSTGRESQL("cast(floor(extract(epoch from clock_timestamp()) * 1000) as bigint)",
			"cast(floor(extract(epoch from clock_timestamp()) * 1000000) as bigint)",
			"""
					with clock as materialized (select {now} as now, set_config('lock_timeout', '1s', true)),
					present as (
					  select fingerprint, outcome, lease_end <= now as lapsed, {removed:{table}} as removed,
					    {resumable:{table}} as resumable
					  from {table}, clock
					  where record_key = :key and not ({free:{table}})),
					claimed as (
					  insert into {table} as r (record_key, owner, fingerprint, lease_end, stay, acquired_at)
					  select :key, :owner, :fingerprint, now + :lease, :stay, now from clock
					  where not exists (select 1 from present)
					  on conflict (record_key) do update
					  set owner = excluded.owner, fingerprint = excluded.fingerprint, outcome = null, removed_owner = null,
					    steps = {steps:r}, steps_end = {steps_end:r}, lease_end = excluded.lease_end, stay = excluded.stay,
					    acquired_at = excluded.acquired_at, expires_at = null
					  where {free:r}
					  returning {micros} as fencing_token, steps)
					select true as acquired, fencing_token, null as fingerprint, null as outcome, false as lapsed,
					  false as removed, false as resumable, steps
					from claimed
					union all select false, 0, fingerprint, outcome, lapsed, removed, resumable, null from present
					""",
			"""
					delete from {table} where record_key = any(array(
					  select record_key from {table} where expires_at <= (select {now})
					  limit :batch for update skip locked))
					"""),

	/**
	 * Claims a free record, or returns the present one, with one statement. The columns
	 * that decide whether a record is free are set last, because each assignment sees the
	 * values of the earlier ones.
	 */
	MARIADB(DatabaseTime.MYSQL, DatabaseTime.MYSQL_MICROS, """
			set statement innodb_lock_wait_timeout = 1, max_statement_time = 60 for
			insert into {table} (record_key, owner, fingerprint, lease_end, stay, acquired_at)
			values (:key, :owner, :fingerprint, {now} + :lease, :stay, {now})
			on duplicate key update
			  acquired_at = if({free:{table}}, values(acquired_at), acquired_at),
			  steps = {steps:{table}},
			  steps_end = {steps_end:{table}},
			  owner = if({free:{table}}, values(owner), owner),
			  fingerprint = if({free:{table}}, values(fingerprint), fingerprint),
			  lease_end = if({free:{table}}, values(lease_end), lease_end),
			  outcome = if({free:{table}}, null, outcome),
			  removed_owner = if({free:{table}}, null, removed_owner),
			  stay = if({free:{table}}, values(stay), stay),
			  expires_at = if({free:{table}}, null, expires_at)
			returning owner = :owner and outcome is null as acquired, {micros} as fencing_token, fingerprint, outcome,
			  lease_end <= {now} as lapsed, {removed:{table}} as removed, {resumable:{table}} as resumable,
			  if(owner = :owner, steps, null) as steps
			""", Purge.LIMIT),

	/**
	 * Reads the record first and then claims it, because an insert cannot return rows.
	 */
	MYSQL(DatabaseTime.MYSQL, DatabaseTime.MYSQL_MICROS, null, Purge.LIMIT),

	/**
	 * Reads the record first and then claims it.
	 */
	H2("cast(floor(extract(epoch from current_timestamp) * 1000) as bigint)",
			"cast(floor(extract(epoch from current_timestamp(6)) * 1000000) as bigint)", null, Purge.LIMIT);

	private final String now;

	private final String micros;

	private final @Nullable String claim;

	private final String purge;

	Dialect(String now, String micros, @Nullable String claim, String purge) {
		this.now = now;
		this.micros = micros;
		this.claim = claim;
		this.purge = purge;
	}

	String now() {
		return this.now;
	}

	/**
	 * Returns the expression for the current time in microseconds, which is used for
	 * fencing tokens.
	 */
	String micros() {
		return this.micros;
	}

	/**
	 * Returns the statement that claims or reads a record in one step, or {@code null} if
	 * the database does not support one.
	 */
	@Nullable String claim() {
		return this.claim;
	}

	/**
	 * Returns the expression that appends a step to the steps of a row.
	 */
	String append() {
		return switch (this) {
			case POSTGRESQL -> "coalesce(steps, cast('' as bytea)) || :step";
			case MARIADB, MYSQL -> "concat(coalesce(steps, ''), :step)";
			case H2 -> "cast(coalesce(steps, X'') as varbinary) || cast(:step as varbinary)";
		};
	}

	String purge() {
		return this.purge;
	}

	/**
	 * Returns the dialect of a database.
	 * @throws InvalidConfigurationPropertyValueException if the store does not support
	 * the database
	 */
	static Dialect of(DatabaseMetaData database) throws SQLException {
		String name = database.getDatabaseProductName();
		return switch (name) {
			case "PostgreSQL" -> POSTGRESQL;
			case "MariaDB" -> hasInsertReturning(database) ? MARIADB : MYSQL;
			case "MySQL" -> MYSQL;
			case "H2" -> H2;
			default -> throw new InvalidConfigurationPropertyValueException("idempotency.store", "jdbc",
					"It supports PostgreSQL, MySQL, MariaDB and H2, but the application's database is " + name + ".");
		};
	}

	/**
	 * MariaDB supports {@code insert ... returning} since version 10.5.
	 */
	private static boolean hasInsertReturning(DatabaseMetaData database) throws SQLException {
		int major = database.getDatabaseMajorVersion();
		return major > 10 || (major == 10 && database.getDatabaseMinorVersion() >= 5);
	}

	private static final class DatabaseTime {

		/**
		 * The current time, independent of the time zone of the session.
		 */
		static final String MYSQL = "timestampdiff(microsecond, '1970-01-01', utc_timestamp(3)) div 1000";

		/**
		 * The time at which the expression is evaluated. The other functions return the
		 * time at which the statement began, and the statement may then have waited until
		 * another owner ended.
		 */
		static final String MYSQL_MICROS = "cast(unix_timestamp(sysdate(6)) * 1000000 as signed)";

	}

	private static final class Purge {

		static final String LIMIT = "delete from {table} where expires_at <= {now} limit :batch";

	}

}
