package io.idempotency.jdbc;

import java.util.Map;
import java.util.Optional;

import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;

import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Claims the row of a record for a lease. If the row is locked by another transaction,
 * the statement gives up soon, because the work of that transaction may take a long time.
 */
final class RecordClaim {

	/**
	 * How many seconds a claim waits for a row, if its statement does not limit the wait
	 * itself.
	 */
	private static final int ROW_SECONDS = 1;

	private final Map<String, Object> parameters;

	RecordClaim(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		this.parameters = RecordParameters.of(lease, terms);
		this.parameters.put("fingerprint", fingerprint.hex());
		this.parameters.put("takeOver", (terms.abandonedExpiry() == null) ? 1 : 0);
	}

	/**
	 * Claims the row, or reads it.
	 * @return empty if another request claimed or released the row in between
	 */
	Optional<RecordRow> row(JdbcClient jdbc, Statements statements) {
		String claim = statements.claim();
		return (claim != null) ? claim(jdbc, claim) : lookThenClaim(jdbc, statements);
	}

	private Optional<RecordRow> claim(JdbcClient jdbc, String claim) {
		return jdbc.sql(claim)
			.params(this.parameters)
			.withQueryTimeout(0)
			.query((result, index) -> result.getBoolean("acquired") ? RecordRow.acquired(result) : RecordRow.of(result))
			.optional();
	}

	private Optional<RecordRow> lookThenClaim(JdbcClient jdbc, Statements statements) {
		Optional<Found> found = jdbc.sql(statements.look())
			.params(this.parameters)
			.query((result, index) -> new Found(RecordRow.of(result), result.getBoolean("free")))
			.optional();
		if (found.isPresent() && !found.get().free()) {
			return Optional.of(found.get().row());
		}
		boolean claimed = found.isPresent() ? updates(jdbc, statements.takeOver()) : inserts(jdbc, statements.insert());
		return claimed ? jdbc.sql(statements.token())
			.params(this.parameters)
			.query((result, index) -> RecordRow.acquired(result))
			.optional() : Optional.empty();
	}

	private boolean inserts(JdbcClient jdbc, String insert) {
		try {
			return updates(jdbc, insert);
		}
		catch (DuplicateKeyException ex) {
			return false;
		}
	}

	private boolean updates(JdbcClient jdbc, String sql) {
		return jdbc.sql(sql).params(this.parameters).withQueryTimeout(ROW_SECONDS).update() == 1;
	}

	/**
	 * A row that was found.
	 *
	 * @param row the row
	 * @param free whether another request may claim it
	 */
	private record Found(RecordRow row, boolean free) {
	}

}
