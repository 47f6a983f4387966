package io.idempotency.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Outcome;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StepLog;
import io.idempotency.store.StoredStep;
import io.idempotency.store.UnreadableRecordException;
import org.jspecify.annotations.Nullable;

/**
 * What a record holds.
 *
 * @param acquiredToken the fencing token, if the caller has acquired the record now
 * @param outcome {@code null} unless the request has ended with one
 * @param lapsed whether the lease has
 * @param removed whether it is only there for its owner, who is told that it is not
 * @param resumable whether it has steps, and no owner
 * @param steps {@code null} if there are none, or nobody has asked for them
 */
record RecordRow(@Nullable Long acquiredToken, String fingerprint, byte @Nullable [] outcome, boolean lapsed,
		boolean removed, boolean resumable, byte @Nullable [] steps) {

	static RecordRow acquired(ResultSet result) throws SQLException {
		return new RecordRow(result.getLong("fencing_token"), "", null, false, false, false, result.getBytes("steps"));
	}

	static RecordRow of(ResultSet result) throws SQLException {
		return new RecordRow(null, result.getString("fingerprint"), result.getBytes("outcome"),
				result.getBoolean("lapsed"), result.getBoolean("removed"), result.getBoolean("resumable"),
				result.getBytes("steps"));
	}

	/**
	 * Returns what the row tells.
	 * @param takesOver whether the caller would have taken over a lapsed lease, but for
	 * its steps
	 */
	Acquisition acquisition(RecordKey key, OutcomeCodec codec, boolean takesOver) {
		if (this.acquiredToken != null) {
			return new Acquisition.Acquired(this.acquiredToken, decodeSteps(key, codec));
		}
		if (this.removed) {
			return new Acquisition.Removed();
		}
		Fingerprint asked = fingerprint(key);
		if (this.outcome != null) {
			return new Acquisition.Completed(asked, decode(key, this.outcome, codec));
		}
		if (this.resumable || (this.lapsed && takesOver)) {
			return new Acquisition.Resumable(asked, decodeSteps(key, codec));
		}
		return this.lapsed ? new Acquisition.Abandoned(asked, decodeSteps(key, codec))
				: new Acquisition.InProgress(asked, decodeSteps(key, codec));
	}

	private List<StoredStep> decodeSteps(RecordKey key, OutcomeCodec codec) {
		if (this.steps == null) {
			return List.of();
		}
		try {
			return new StepLog(codec).decode(key, this.steps);
		}
		catch (UnreadableRecordException ex) {
			throw unreadable(key, ex);
		}
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
			throw unreadable(key, ex);
		}
	}

	private static UnreadableRecordException unreadable(RecordKey key, UnreadableRecordException ex) {
		return new UnreadableRecordException("The row '" + key + "' cannot be read: " + ex.getMessage(), ex);
	}

}
