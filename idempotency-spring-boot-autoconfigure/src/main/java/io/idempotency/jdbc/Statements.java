package io.idempotency.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * The statements on one table in one dialect.
 *
 * @param claim claims and looks at once; {@code null} where the database cannot
 * @param enlisting writes a completed record in a transaction
 */
record Statements(@Nullable String claim, String columns, String look, String find, String remove, String markRemoved,
		String insert, String takeOver, String token, String renew, String renewAll, String complete,
		String isCompleted, String release, String stillRunning, String purge, String abandoned, String purgeAbandoned,
		Enlisting enlisting, String completeEnlisted, String releaseEnlisted) {

	/**
	 * A record that was removed has no owner, and is free for everybody but the one that
	 * it had.
	 */
	private static final String FREE = """
			({expiry:%1$s} <= {now} or (%1$s.outcome is null and (%1$s.owner = :owner
			  or (%1$s.owner = '' and %1$s.removed_owner <> :owner)
			  or (%1$s.owner <> '' and :takeOver = 1 and %1$s.lease_end <= {now}))))""";

	private static final String REMOVED = "(%1$s.owner = '' and %1$s.removed_owner = :owner)";

	/**
	 * A record in progress has no time of expiry: what renewals change is in no index, so
	 * that PostgreSQL renews without touching one (HOT).
	 */
	private static final String EXPIRY = "coalesce(%1$s.expires_at, %1$s.lease_end + %1$s.stay)";

	private static final String LEASED = "record_key = :key and owner = :owner and outcome is null";

	private static final String COLUMNS = """
			select record_key, owner, fingerprint, removed_owner, outcome, lease_end, stay, expires_at from {table}
			where 1 = 0
			""";

	static final String LOOK = """
			select fingerprint, outcome, lease_end <= {now} as lapsed, {removed:{table}} as removed,
			  {free:{table}} as free
			from {table} where record_key = :key
			""";

	static final String FIND = """
			select fingerprint, outcome, lease_end <= {now} as lapsed, false as removed
			from {table} where record_key = :key and {expiry:{table}} > {now} and owner <> ''
			""";

	private static final String REMOVE = """
			delete from {table} where record_key = :key and {expiry:{table}} > {now} and outcome is not null
			""";

	private static final String MARK_REMOVED = """
			update {table} set removed_owner = owner, owner = '', expires_at = {now} + :mark
			where record_key = :key and {expiry:{table}} > {now} and outcome is null and owner <> ''
			""";

	private static final String INSERT = """
			insert into {table} (record_key, owner, fingerprint, lease_end, stay)
			values (:key, :owner, :fingerprint, {now} + :lease, :stay)
			""";

	private static final String TAKE_OVER = """
			update {table} set owner = :owner, fingerprint = :fingerprint, outcome = null,
			  removed_owner = null, lease_end = {now} + :lease, stay = :stay, expires_at = null
			where record_key = :key and {free:{table}}
			""";

	private static final String TOKEN = """
			select {micros} from {table} where record_key = :key and owner = :owner
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
			update {table} set outcome = :outcome, expires_at = {now} + :expiry
			where {leased} and {expiry:{table}} > {now}
			""";

	private static final String IS_COMPLETED = """
			select count(*) from {table}
			where record_key = :key and owner = :owner and outcome is not null and {expiry:{table}} > {now}
			""";

	private static final String RELEASE = """
			delete from {table} where {leased} and {expiry:{table}} > {now}
			""";

	private static final String STILL_RUNNING = """
			select record_key from {table}
			where record_key in (:keys) and outcome is null and owner <> '' and lease_end > {now}
			""";

	private static final String ABANDONED = "expires_at is null and lease_end + stay <= {now}";

	private static final String ENLISTED = "record_key = :key and owner = :owner";

	static Statements on(String table, Dialect dialect) {
		Template template = new Template(table, dialect.now(), dialect.micros());
		String claim = dialect.claim();
		return new Statements((claim != null) ? template.fill(claim) : null, template.fill(COLUMNS),
				template.fill(LOOK), template.fill(FIND), template.fill(REMOVE), template.fill(MARK_REMOVED),
				template.fill(INSERT), template.fill(TAKE_OVER), template.fill(TOKEN), template.fill(RENEW),
				template.fill(RENEW_ALL), template.fill(COMPLETE), template.fill(IS_COMPLETED), template.fill(RELEASE),
				template.fill(STILL_RUNNING), template.fill(dialect.purge()),
				template.fill("select record_key from {table} where " + ABANDONED + " limit :batch"),
				template.fill("delete from {table} where record_key in (:keys) and " + ABANDONED),
				Enlisting.on(dialect, template),
				template.fill("update {table} set outcome = :outcome, expires_at = {now} + :expiry where " + ENLISTED),
				template.fill("delete from {table} where " + ENLISTED));
	}

	/**
	 * What the placeholders in braces stand for.
	 */
	record Template(String table, String now, String micros) {

		String fill(String sql) {
			return sql.replace("{free:{table}}", FREE.formatted("{table}"))
				.replace("{free:r}", FREE.formatted("r"))
				.replace("{removed:{table}}", REMOVED.formatted("{table}"))
				.replace("{leased}", LEASED)
				.replace("{expiry:{table}}", EXPIRY.formatted(this.table))
				.replace("{expiry:r}", EXPIRY.formatted("r"))
				.replace("{table}", this.table)
				.replace("{micros}", this.micros)
				.replace("{now}", this.now);
		}

	}

}
