package io.idempotency.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Outcome;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * What a record holds.
 *
 * @param acquiredToken the fencing token, if the caller has acquired the record now
 * @param outcome {@code null} while the request is in progress
 * @param lapsed whether the lease has
 * @param removed whether it is only there for its owner, who is told that it is not
 */
record RecordRow(@Nullable Long acquiredToken, String fingerprint, byte @Nullable [] outcome, boolean lapsed,
		boolean removed) {

	static RecordRow acquired(long token) {
		return new RecordRow(token, "", null, false, false);
	}

	static RecordRow of(ResultSet result) throws SQLException {
		return new RecordRow(null, result.getString("fingerprint"), result.getBytes("outcome"),
				result.getBoolean("lapsed"), result.getBoolean("removed"));
	}

	Acquisition acquisition(RecordKey key, OutcomeCodec codec) {
		if (this.acquiredToken != null) {
			return new Acquisition.Acquired(this.acquiredToken);
		}
		if (this.removed) {
			return new Acquisition.Removed();
		}
		Fingerprint asked = fingerprint(key);
		if (this.outcome != null) {
			return new Acquisition.Completed(asked, decode(key, this.outcome, codec));
		}
		return this.lapsed ? new Acquisition.Abandoned(asked) : new Acquisition.InProgress(asked);
	}

	private Fingerprint fingerprint(RecordKey key) {
		try {
			return new Fingerprint(this.fingerprint);
		}
		catch (IllegalArgumentException ex) {
			throw new UnreadableRecordException("The row '" + key + "' holds no valid fingerprint", ex);
		}
	}

	private static Outcome decode(RecordKey key, byte[] outcome, OutcomeCodec codec) {
		try {
			return codec.decode(key, outcome);
		}
		catch (UnreadableRecordException ex) {
			throw new UnreadableRecordException("The row '" + key + "' cannot be read: " + ex.getMessage(), ex);
		}
	}

}
