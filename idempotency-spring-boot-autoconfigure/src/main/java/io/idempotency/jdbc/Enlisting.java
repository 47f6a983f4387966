package io.idempotency.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Writes a completed record in a transaction. If another transaction has written the
 * record, waits for it without making the own transaction fail.
 */
abstract sealed class Enlisting permits PostgresEnlisting, MariaDbEnlisting, InsertEnlisting {

	/**
	 * Enlists a record.
	 * @param parameters {@code key}, {@code owner}, {@code fingerprint}, {@code outcome},
	 * {@code expiry}, {@code takeOver}, and {@code lock}, a number derived from the key
	 * @param atMost how long to wait for another transaction, at most a day
	 */
	abstract Answer enlist(JdbcClient jdbc, Map<String, Object> parameters, Duration atMost);

	static Enlisting on(Dialect dialect, Statements.Template template) {
		return switch (dialect) {
			case POSTGRESQL -> new PostgresEnlisting(template);
			case MARIADB -> new MariaDbEnlisting(template);
			case MYSQL, H2 -> new InsertEnlisting(template, dialect);
		};
	}

	/**
	 * Returns whether a statement failed because it waited too long for a lock. Such a
	 * failure leaves the transaction usable, except on PostgreSQL.
	 */
	static boolean isLockTimeout(DataAccessException ex) {
		return NestedExceptionUtils.getMostSpecificCause(ex) instanceof SQLException cause
				&& (cause instanceof SQLTimeoutException || Codes.LOCK_NOT_AVAILABLE.equals(cause.getSQLState())
						|| cause.getErrorCode() == Codes.MARIADB_LOCK_WAIT_TIMEOUT
						|| cause.getErrorCode() == Codes.MARIADB_STATEMENT_TIMEOUT
						|| cause.getErrorCode() == Codes.H2_LOCK_TIMEOUT);
	}

	/**
	 * The result of enlisting a record.
	 *
	 * @param state whether the record is enlisted
	 * @param row the row that is there instead, or {@code null} if none is visible
	 */
	record Answer(State state, @Nullable RecordRow row) {

		static final Answer ENLISTED = new Answer(State.ENLISTED, null);

		static final Answer CHANGED = new Answer(State.CHANGED, null);

		static final Answer TAKEN = new Answer(State.PRESENT, null);

		static Answer present(RecordRow row) {
			return new Answer(State.PRESENT, row);
		}

		/**
		 * Reads a row that has the column {@code enlisted} in addition to those of a
		 * record.
		 */
		static Answer of(ResultSet result) throws SQLException {
			return result.getBoolean("enlisted") ? ENLISTED : present(RecordRow.of(result));
		}

	}

	/**
	 * Whether the record is enlisted.
	 */
	enum State {

		ENLISTED,

		/**
		 * The record exists already, or another transaction is writing it.
		 */
		PRESENT,

		/**
		 * The record has changed in the meantime, so that enlisting has to be tried
		 * again.
		 */
		CHANGED

	}

	/**
	 * The error codes of databases for a lock that was not available in time.
	 */
	private static final class Codes {

		/**
		 * The SQL state of PostgreSQL for a {@code lock_timeout}.
		 */
		static final String LOCK_NOT_AVAILABLE = "55P03";

		/**
		 * ER_LOCK_WAIT_TIMEOUT.
		 */
		static final int MARIADB_LOCK_WAIT_TIMEOUT = 1205;

		/**
		 * ER_STATEMENT_TIMEOUT.
		 */
		static final int MARIADB_STATEMENT_TIMEOUT = 1969;

		/**
		 * LOCK_TIMEOUT_1.
		 */
		static final int H2_LOCK_TIMEOUT = 50200;

		private Codes() {
		}

	}

}
