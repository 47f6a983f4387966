package io.idempotency.jdbc;

import org.jspecify.annotations.Nullable;

/**
 * The statements on one table in one dialect.
 *
 * @param claim claims and looks at once; {@code null} where the database cannot
 */
record Statements(@Nullable String claim, String look, String find, String remove, String insert, String takeOver,
		String renew, String complete, String isCompleted, String release, String stillRunning, String purge) {

	private static final String FREE = """
			(%1$s.expires_at <= {now} or (%1$s.outcome is null
			  and (%1$s.owner = :owner or (:takeOver = 1 and %1$s.lease_end <= {now}))))""";

	private static final String LEASED = "record_key = :key and owner = :owner and outcome is null";

	static Statements on(String table, Dialect dialect) {
		Template template = new Template(table, dialect.now());
		String claim = dialect.claim();
		return new Statements((claim != null) ? template.fill(claim) : null, template.fill("""
				select fingerprint, outcome, lease_end <= {now} as lapsed, {free:{table}} as free
				from {table} where record_key = :key
				"""), template.fill("""
				select fingerprint, outcome, lease_end <= {now} as lapsed
				from {table} where record_key = :key and expires_at > {now}
				"""), template.fill("""
				delete from {table} where record_key = :key and expires_at > {now}
				"""), template.fill("""
				insert into {table} (record_key, owner, fingerprint, lease_end, expires_at)
				values (:key, :owner, :fingerprint, {now} + :lease, {now} + :stay)
				"""), template.fill("""
				update {table} set owner = :owner, fingerprint = :fingerprint, outcome = null,
				  lease_end = {now} + :lease, expires_at = {now} + :stay
				where record_key = :key and {free:{table}}
				"""), template.fill("""
				update {table} set lease_end = {now} + :lease, expires_at = {now} + :stay
				where %s and expires_at > {now}
				""".formatted(LEASED)), template.fill("""
				update {table} set outcome = :outcome, expires_at = {now} + :expiry
				where %s and expires_at > {now}
				""".formatted(LEASED)), template.fill("""
				select count(*) from {table}
				where record_key = :key and owner = :owner and outcome is not null and expires_at > {now}
				"""), template.fill("""
				delete from {table} where %s and expires_at > {now}
				""".formatted(LEASED)), template.fill("""
				select record_key from {table}
				where record_key in (:keys) and outcome is null and lease_end > {now}
				"""), template.fill(dialect.purge()));
	}

	/**
	 * What the placeholders in braces stand for.
	 */
	private record Template(String table, String now) {

		String fill(String sql) {
			return sql.replace("{free:{table}}", FREE.formatted(this.table))
				.replace("{free:r}", FREE.formatted("r"))
				.replace("{table}", this.table)
				.replace("{now}", this.now);
		}

	}

}
