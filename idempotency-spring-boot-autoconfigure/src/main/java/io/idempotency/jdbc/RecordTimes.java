package io.idempotency.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;

import io.idempotency.store.Acquisition;
import io.idempotency.store.StoredRecord;

/**
 * The times of a row, by the database's clock.
 *
 * @param expiresAt when it expires, in the far future if never
 */
record RecordTimes(Instant acquiredAt, Instant leaseEnd, Instant expiresAt, Instant readAt) {

	static RecordTimes of(ResultSet result) throws SQLException {
		return new RecordTimes(Instant.ofEpochMilli(result.getLong("acquired_at")),
				Instant.ofEpochMilli(result.getLong("lease_end")), Instant.ofEpochMilli(result.getLong("expiry")),
				Instant.ofEpochMilli(result.getLong("read_at")));
	}

	StoredRecord record(Acquisition content) {
		boolean held = content instanceof Acquisition.InProgress || content instanceof Acquisition.Abandoned;
		boolean expires = Duration.between(this.readAt, this.expiresAt)
			.compareTo(JdbcIdempotencyStore.FOR_EVER.dividedBy(2)) < 0;
		return new StoredRecord(content, this.acquiredAt, held ? this.leaseEnd : null, expires ? this.expiresAt : null,
				this.readAt);
	}

}
