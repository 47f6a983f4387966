package io.idempotency.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredRecord;
import org.jspecify.annotations.Nullable;

/**
 * A row that is shown to operators, with its times by the database's clock.
 *
 * @param leaseEnd {@code null} if no request holds the record
 * @param expiresAt {@code null} if never
 */
record ShownRow(RecordRow row, Instant acquiredAt, @Nullable Instant leaseEnd, @Nullable Instant expiresAt,
		Instant readAt) {

	static ShownRow of(ResultSet result) throws SQLException {
		RecordRow row = RecordRow.of(result);
		boolean held = row.outcome() == null && !row.resumable();
		Instant readAt = time(result, "read_at");
		Instant expiresAt = time(result, "expiry");
		boolean expires = expiresAt.isBefore(readAt.plus(RecordParameters.FOR_EVER.dividedBy(2)));
		return new ShownRow(row, time(result, "acquired_at"), held ? time(result, "lease_end") : null,
				expires ? expiresAt : null, readAt);
	}

	private static Instant time(ResultSet result, String column) throws SQLException {
		return Instant.ofEpochMilli(result.getLong(column));
	}

	StoredRecord record(RecordKey key, OutcomeCodec codec) {
		return new StoredRecord(this.row.acquisition(key, codec, false), this.acquiredAt, this.leaseEnd, this.expiresAt,
				this.readAt);
	}

}
