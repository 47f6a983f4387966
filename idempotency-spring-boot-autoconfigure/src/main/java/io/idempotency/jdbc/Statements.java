package io.idempotency.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * The statements on one table in one dialect.
 *
 * @param claim claims and looks at once; {@code null} where the database cannot
 */
record Statements(@Nullable String claim, String look, String find, String remove, String markRemoved, String insert,
		String takeOver, String token, String renew, String renewAll, String complete, String isCompleted,
		String release, String stillRunning, String purge) {

	/**
	 * A record that was removed has no owner, and is free for everybody but the one that
	 * it had.
	 */
	private static final String FREE = """
			(%1$s.expires_at <= {now} or (%1$s.outcome is null and (%1$s.owner = :owner
			  or (%1$s.owner = '' and %1$s.removed_owner <> :owner)
			  or (%1$s.owner <> '' and :takeOver = 1 and %1$s.lease_end <= {now}))))""";

	private static final String REMOVED = "(%1$s.owner = '' and %1$s.removed_owner = :owner)";

	private static final String LEASED = "record_key = :key and owner = :owner and outcome is null";

	private static final String LOOK = """
			select fingerprint, outcome, lease_end <= {now} as lapsed, {removed:{table}} as removed,
			  {free:{table}} as free
			from {table} where record_key = :key
			""";

	private static final String FIND = """
			select fingerprint, outcome, lease_end <= {now} as lapsed, false as removed
			from {table} where record_key = :key and expires_at > {now} and owner <> ''
			""";

	private static final String REMOVE = """
			delete from {table} where record_key = :key and expires_at > {now} and outcome is not null
			""";

	private static final String MARK_REMOVED = """
			update {table} set removed_owner = owner, owner = '', expires_at = {now} + :mark
			where record_key = :key and expires_at > {now} and outcome is null and owner <> ''
			""";

	private static final String INSERT = """
			insert into {table} (record_key, owner, fingerprint, lease_end, expires_at)
			values (:key, :owner, :fingerprint, {now} + :lease, {now} + :stay)
			""";

	private static final String TAKE_OVER = """
			update {table} set owner = :owner, fingerprint = :fingerprint, outcome = null,
			  removed_owner = null, lease_end = {now} + :lease, expires_at = {now} + :stay
			where record_key = :key and {free:{table}}
			""";

	private static final String TOKEN = """
			select {micros} from {table} where record_key = :key and owner = :owner
			""";

	private static final String RENEW = """
			update {table} set lease_end = {now} + :lease, expires_at = {now} + :stay
			where {leased} and expires_at > {now}
			""";

	private static final String RENEW_ALL = """
			update {table} set lease_end = {now} + :lease, expires_at = {now} + :stay
			where record_key in (:keys) and owner in (:owners) and outcome is null
			  and expires_at > {now}
			""";

	private static final String COMPLETE = """
			update {table} set outcome = :outcome, expires_at = {now} + :expiry
			where {leased} and expires_at > {now}
			""";

	private static final String IS_COMPLETED = """
			select count(*) from {table}
			where record_key = :key and owner = :owner and outcome is not null and expires_at > {now}
			""";

	private static final String RELEASE = """
			delete from {table} where {leased} and expires_at > {now}
			""";

	private static final String STILL_RUNNING = """
			select record_key from {table}
			where record_key in (:keys) and outcome is null and owner <> '' and lease_end > {now}
			""";

	static Statements on(String table, Dialect dialect) {
		Template template = new Template(table, dialect.now(), dialect.micros());
		String claim = dialect.claim();
		return new Statements((claim != null) ? template.fill(claim) : null, template.fill(LOOK), template.fill(FIND),
				template.fill(REMOVE), template.fill(MARK_REMOVED), template.fill(INSERT), template.fill(TAKE_OVER),
				template.fill(TOKEN), template.fill(RENEW), template.fill(RENEW_ALL), template.fill(COMPLETE),
				template.fill(IS_COMPLETED), template.fill(RELEASE), template.fill(STILL_RUNNING),
				template.fill(dialect.purge()));
	}

	/**
	 * What the placeholders in braces stand for.
	 */
	private record Template(String table, String now, String micros) {

		String fill(String sql) {
			return sql.replace("{free:{table}}", FREE.formatted(this.table))
				.replace("{free:r}", FREE.formatted("r"))
				.replace("{removed:{table}}", REMOVED.formatted(this.table))
				.replace("{leased}", LEASED)
				.replace("{table}", this.table)
				.replace("{micros}", this.micros)
				.replace("{now}", this.now);
		}

	}

}
