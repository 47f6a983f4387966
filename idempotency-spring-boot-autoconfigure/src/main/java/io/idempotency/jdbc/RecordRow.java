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
 * The content of a row.
 *
 * @param acquiredToken the fencing token if the caller has just acquired the record,
 * otherwise {@code null}
 * @param outcome the encoded outcome, or {@code null} if the record is not completed
 * @param lapsed whether the lease has lapsed
 * @param removed whether the record was removed and the row is kept only to tell its
 * owner
 * @param resumable whether the record has steps but no owner
 * @param steps the encoded steps, or {@code null} if there are none or they were not
 * selected
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
	 * Returns the row as the answer to a claim or a look-up.
	 * @param takesOver whether the caller takes over lapsed leases, so that a lapsed
	 * record was not acquired only because of its steps
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
			throw new UnreadableRecordException("The row '" + key + "' does not contain a valid fingerprint", ex);
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
