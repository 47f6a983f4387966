package io.idempotency.jdbc;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The statements for one table in one dialect.
 *
 * @param claim claims or reads a record in one step; {@code null} if the database does
 * not support it
 * @param enlisting writes a completed record in a transaction
 */
record Statements(@Nullable String claim, String columns, String look, String find, String remove, String markRemoved,
		String insert, String takeOver, String token, String renew, String renewAll, String complete,
		String isCompleted, String release, String releaseResumable, String step, String stillRunning, String purge,
		String abandoned, String purgeAbandoned, Enlisting enlisting, String completeEnlisted, String releaseEnlisted) {

	/**
	 * The condition that a record is free. A removed record has no owner and is free for
	 * everyone except its former owner. A record with steps and without an owner is free
	 * for a request that may continue after the steps.
	 */
	private static final String FREE = """
			({expiry:%1$s} <= {now} or (%1$s.outcome is null and (%1$s.owner = :owner
			  or (%1$s.owner = '' and %1$s.removed_owner is not null and %1$s.removed_owner <> :owner)
			  or (((%1$s.owner <> '' and :takeOver = 1 and %1$s.lease_end <= {now})
			    or (%1$s.owner = '' and %1$s.removed_owner is null)) and %2$s))))""";

	private static final String GOES_ON = """
			(%1$s.steps is null or %1$s.fingerprint = :fingerprint or %1$s.fingerprint = '' or :fingerprint = '')""";

	/**
	 * The condition for records that are written without a lease, which cannot continue
	 * after steps.
	 */
	private static final String HAS_NO_STEPS = "%1$s.steps is null";

	private static final String REMOVED = "(%1$s.owner = '' and %1$s.removed_owner = :owner)";

	private static final String RESUMABLE = "(%1$s.owner = '' and %1$s.removed_owner is null)";

	/**
	 * The time at which a record expires. For a record in progress, it is computed from
	 * other columns and {@code expires_at} is null, so that a renewal changes no indexed
	 * column. PostgreSQL can then update the row without touching an index (HOT).
	 */
	private static final String EXPIRY = "coalesce(%1$s.expires_at, "
			+ "greatest(%1$s.lease_end + %1$s.stay, coalesce(%1$s.steps_end, 0)))";

	private static final String LEASED = "record_key = :key and owner = :owner and outcome is null";

	private static final String COLUMNS = """
			select record_key, owner, fingerprint, removed_owner, outcome, steps, steps_end, lease_end, stay,
			  acquired_at, expires_at
			from {table} where 1 = 0
			""";

	static final String LOOK = """
			select fingerprint, outcome, lease_end <= {now} as lapsed, {removed:{table}} as removed,
			  {resumable:{table}} as resumable, null as steps, {free:{table}} as free
			from {table} where record_key = :key
			""";

	static final String FIND = """
			select fingerprint, outcome, lease_end <= {now} as lapsed, false as removed,
			  {resumable:{table}} as resumable, steps, acquired_at, lease_end, {expiry:{table}} as expiry,
			  {now} as read_at
			from {table} where record_key = :key and {expiry:{table}} > {now}
			  and (owner <> '' or removed_owner is null)
			""";

	private static final String REMOVE = """
			delete from {table} where record_key = :key and {expiry:{table}} > {now}
			  and (outcome is not null or {resumable:{table}})
			""";

	private static final String MARK_REMOVED = """
			update {table} set removed_owner = owner, owner = '', steps = null, steps_end = null,
			  expires_at = {now} + :mark
			where record_key = :key and {expiry:{table}} > {now} and outcome is null and owner <> ''
			""";

	private static final String INSERT = """
			insert into {table} (record_key, owner, fingerprint, lease_end, stay, acquired_at)
			values (:key, :owner, :fingerprint, {now} + :lease, :stay, {now})
			""";

	private static final String TAKE_OVER = """
			update {table} set steps = {steps:{table}}, steps_end = {steps_end:{table}}, owner = :owner,
			  fingerprint = :fingerprint, outcome = null, removed_owner = null, lease_end = {now} + :lease,
			  stay = :stay, acquired_at = {now}, expires_at = null
			where record_key = :key and {free:{table}}
			""";

	private static final String TOKEN = """
			select {micros} as fencing_token, steps from {table} where record_key = :key and owner = :owner
			""";

	private static final String RENEW = """
			update {table} set lease_end = {now} + :lease, stay = :stay
			where {leased} and {expiry:{table}} > {now}
			""";

	private static final String RENEW_ALL = """
			update {table} set lease_end = {now} + :lease, stay = :stay
			where record_key in (:keys) and owner in (:owners) and outcome is null
			  and {expiry:{table}} > {now}
			""";

	private static final String COMPLETE = """
			update {table} set outcome = :outcome, steps = null, steps_end = null, expires_at = {now} + :expiry
			where {leased} and {expiry:{table}} > {now}
			""";

	private static final String IS_COMPLETED = """
			select count(*) from {table}
			where record_key = :key and owner = :owner and outcome is not null and {expiry:{table}} > {now}
			""";

	private static final String RELEASE = """
			delete from {table} where {leased} and {expiry:{table}} > {now} and steps is null
			""";

	private static final String RELEASE_RESUMABLE = """
			update {table} set owner = '', removed_owner = null, expires_at = steps_end
			where {leased} and {expiry:{table}} > {now} and steps is not null
			""";

	private static final String STEP = """
			update {table} set steps = {append}, steps_end = {now} + :expiry
			where {leased} and {expiry:{table}} > {now}
			""";

	/**
	 * The steps that a new owner takes over. Steps of an expired record are dropped.
	 */
	private static final String STEPS = "case when {expiry:%1$s} <= {now} then null else %1$s.steps end";

	private static final String STEPS_END = "case when {expiry:%1$s} <= {now} then null else %1$s.steps_end end";

	private static final String STILL_RUNNING = """
			select record_key from {table}
			where record_key in (:keys) and outcome is null and owner <> '' and lease_end > {now}
			""";

	private static final String ABANDONED = "expires_at is null and {expiry:{table}} <= {now}";

	private static final String ENLISTED = "record_key = :key and owner = :owner";

	static Statements on(String table, Dialect dialect) {
		Template template = new Template(table, dialect);
		String claim = dialect.claim();
		return new Statements((claim != null) ? template.fill(claim) : null, template.fill(COLUMNS),
				template.fill(LOOK), template.fill(FIND), template.fill(REMOVE), template.fill(MARK_REMOVED),
				template.fill(INSERT), template.fill(TAKE_OVER), template.fill(TOKEN), template.fill(RENEW),
				template.fill(RENEW_ALL), template.fill(COMPLETE), template.fill(IS_COMPLETED), template.fill(RELEASE),
				template.fill(RELEASE_RESUMABLE), template.fill(STEP), template.fill(STILL_RUNNING),
				template.fill(dialect.purge()),
				template.fill("select record_key from {table} where " + ABANDONED + " limit :batch"),
				template.fill("delete from {table} where record_key in (:keys) and " + ABANDONED),
				Enlisting.on(dialect, template),
				template.fill("update {table} set outcome = :outcome, expires_at = {now} + :expiry where " + ENLISTED),
				template.fill("delete from {table} where " + ENLISTED));
	}

	/**
	 * Replaces the placeholders in braces.
	 */
	record Template(String table, Dialect dialect) {

		String fill(String sql) {
			String filled = sql.replace("{leased}", LEASED).replace("{append}", this.dialect.append());
			for (String row : List.of("{table}", "r")) {
				filled = filled.replace("{free:" + row + "}", FREE.formatted(row, GOES_ON.formatted(row)))
					.replace("{enlistable:" + row + "}", FREE.formatted(row, HAS_NO_STEPS.formatted(row)))
					.replace("{removed:" + row + "}", REMOVED.formatted(row))
					.replace("{resumable:" + row + "}", RESUMABLE.formatted(row))
					.replace("{steps:" + row + "}", STEPS.formatted(row))
					.replace("{steps_end:" + row + "}", STEPS_END.formatted(row))
					.replace("{expiry:" + row + "}", EXPIRY.formatted(row));
			}
			return filled.replace("{table}", this.table)
				.replace("{micros}", this.dialect.micros())
				.replace("{now}", this.dialect.now());
		}

	}

}
