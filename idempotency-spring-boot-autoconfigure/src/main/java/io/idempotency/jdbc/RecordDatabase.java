package io.idempotency.jdbc;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.InvalidDataAccessResourceUsageException;
import org.springframework.jdbc.BadSqlGrammarException;
import org.springframework.jdbc.CannotGetJdbcConnectionException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.jdbc.support.JdbcUtils;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.jdbc.support.SQLExceptionTranslator;

/**
 * Gives access to the table with the records, either on a separate connection or in the
 * transaction of the calling thread. The type of the database is looked up on first use,
 * because the database may not be available when the application starts.
 */
final class RecordDatabase {

	private static final Log logger = LogFactory.getLog(RecordDatabase.class);

	private static final int MOST_ATTEMPTS = 20;

	private static final Duration LONGEST_PAUSE = Duration.ofMillis(2);

	/**
	 * ER_CHECKREAD.
	 */
	private static final int MARIADB_RECORD_CHANGED = 1020;

	private final DataSource dataSource;

	private final String table;

	private final SQLExceptionTranslator exceptionTranslator = new SQLExceptionSubclassTranslator();

	private final Duration timeout;

	private final int queryTimeout;

	private final int longestSilence;

	private volatile @Nullable Access access;

	RecordDatabase(DataSource dataSource, String table, Duration timeout) {
		this.dataSource = dataSource;
		this.table = table;
		this.timeout = timeout;
		this.longestSilence = (int) timeout.toMillis();
		this.queryTimeout = (int) timeout.plusMillis(1999).toSeconds();
	}

	/**
	 * Returns the same table on other connections.
	 */
	RecordDatabase on(DataSource other) {
		return new RecordDatabase(other, this.table, this.timeout);
	}

	/**
	 * Returns the access to the database. Several threads may look it up at the same
	 * time, so that none of them waits for another one while the database is away.
	 */
	private Access access() {
		Access known = this.access;
		if (known == null) {
			known = look();
			this.access = known;
		}
		return known;
	}

	private Access look() {
		try (Connection connection = this.dataSource.getConnection()) {
			return look(connection);
		}
		catch (SQLException ex) {
			throw new CannotGetJdbcConnectionException("The type of the database is unknown: " + ex.getMessage(), ex);
		}
	}

	private Access look(Connection connection) throws SQLException {
		DatabaseMetaData database = connection.getMetaData();
		Dialect dialect = Dialect.of(database);
		return new Access(database.getDatabaseProductName(), dialect, Statements.on(this.table, dialect));
	}

	@Override
	public String toString() {
		Access known = this.access;
		return ((known != null) ? known.database() + ", " : "") + "table " + this.table;
	}

	DataSource dataSource() {
		return this.dataSource;
	}

	/**
	 * Checks the type of the database and the table, so that mistakes are found when the
	 * application starts. A database that does not answer is not a mistake, because it
	 * may become available later.
	 * @return whether the database has answered
	 * @throws InvalidConfigurationPropertyValueException if the store does not support
	 * the database
	 * @throws RecordTableException if the table is missing or outdated
	 */
	boolean lookUp() {
		try {
			committed((jdbc, statements) -> jdbc.sql(statements.columns()).query(String.class).optional());
			return true;
		}
		catch (InvalidConfigurationPropertyValueException ex) {
			throw ex;
		}
		catch (InvalidDataAccessResourceUsageException ex) {
			throw new RecordTableException(
					"The table " + this.table + " is missing, or is not the one that this version needs: "
							+ NestedExceptionUtils.getMostSpecificCause(ex).getMessage(),
					RecordTableInitializer.script(access().dialect()), ex);
		}
		catch (RuntimeException ex) {
			logger.warn("Requests with an idempotency key are refused until the database answers: " + ex);
			return false;
		}
	}

	/**
	 * Runs statements on a separate connection, independently of a transaction of the
	 * caller. They are committed when this method returns. If the database rolls one back
	 * because of a deadlock or a serialization failure, they are repeated.
	 */
	<T> T committed(Step<T> step) {
		Access access = access();
		for (int attempt = 1;; attempt++) {
			try {
				return commit(step, access);
			}
			catch (DataAccessException ex) {
				if (attempt == MOST_ATTEMPTS || !isToBeRepeated(ex)) {
					throw ex;
				}
				LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(LONGEST_PAUSE.toNanos() * attempt));
			}
		}
	}

	/**
	 * Runs statements, and commits them if auto-commit is disabled on the connection.
	 * Otherwise each statement has committed itself.
	 */
	private <T> T commit(Step<T> step, Access access) {
		Connection connection = connect();
		try {
			boolean commits = !connection.getAutoCommit();
			T answer;
			try {
				answer = take(step, connection, access, this.longestSilence);
			}
			catch (RuntimeException | Error ex) {
				if (commits) {
					rollback(connection);
				}
				throw ex;
			}
			if (commits) {
				connection.commit();
			}
			return answer;
		}
		catch (SQLException ex) {
			throw translate(ex);
		}
		finally {
			JdbcUtils.closeConnection(connection);
		}
	}

	private Connection connect() {
		try {
			return this.dataSource.getConnection();
		}
		catch (SQLException ex) {
			throw new CannotGetJdbcConnectionException("There is no connection to the database: " + ex.getMessage(),
					ex);
		}
	}

	private DataAccessException translate(SQLException ex) {
		DataAccessException translated = this.exceptionTranslator.translate("Commit", null, ex);
		return (translated != null) ? translated
				: new DataAccessResourceFailureException("The connection to the database is broken", ex);
	}

	private static void rollback(Connection connection) {
		try {
			connection.rollback();
		}
		catch (SQLException ex) {
			// The connection is broken, so the database rolls back its changes.
			logger.debug("A connection could not be rolled back", ex);
		}
	}

	/**
	 * Returns whether the database has rolled back a statement that can be repeated. SQL
	 * states of class 40 say so (SQL:2016, part 2, 24.1). MariaDB does not use them if a
	 * row has changed since the snapshot was taken.
	 */
	static boolean isToBeRepeated(Throwable ex) {
		return ex instanceof DataAccessException
				&& NestedExceptionUtils.getMostSpecificCause(ex) instanceof SQLException cause
				&& ((cause.getSQLState() != null && cause.getSQLState().startsWith("40"))
						|| cause.getErrorCode() == MARIADB_RECORD_CHANGED);
	}

	/**
	 * Runs statements in the transaction of the calling thread.
	 */
	<T> T inTransaction(Step<T> step) {
		return inTransaction(Duration.ZERO, step);
	}

	/**
	 * Runs statements in the transaction of the calling thread, without using another
	 * connection.
	 * @param wait how long a statement may wait for other transactions
	 */
	<T> T inTransaction(Duration wait, Step<T> step) {
		Connection connection = DataSourceUtils.getConnection(this.dataSource);
		try {
			Access known = this.access;
			if (known == null) {
				known = look(connection);
				this.access = known;
			}
			return take(step, connection, known, this.longestSilence + (int) wait.toMillis());
		}
		catch (SQLException ex) {
			throw new DataAccessResourceFailureException("The connection to the database is broken", ex);
		}
		finally {
			DataSourceUtils.releaseConnection(connection, this.dataSource);
		}
	}

	/**
	 * Runs statements with a network timeout on the connection, because a statement does
	 * not end if the server is gone. The query timeout of the statements is longer,
	 * because the PostgreSQL driver waits for the server to cancel a statement.
	 */
	private <T> T take(Step<T> step, Connection connection, Access access, int silence) throws SQLException {
		int before = connection.getNetworkTimeout();
		connection.setNetworkTimeout(Runnable::run, silence);
		try {
			return step.take(on(connection), access.statements());
		}
		catch (BadSqlGrammarException ex) {
			throw new InvalidDataAccessResourceUsageException("The table " + this.table
					+ " cannot be used: create it with the scripts for your database in classpath:io/idempotency/jdbc, or set"
					+ " idempotency.jdbc.initialize-schema=always: " + ex.getMostSpecificCause().getMessage(), ex);
		}
		finally {
			restore(connection, before);
		}
	}

	private JdbcClient on(Connection connection) {
		JdbcTemplate template = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
		template.setExceptionTranslator(this.exceptionTranslator);
		template.setQueryTimeout(this.queryTimeout);
		return JdbcClient.create(template);
	}

	private static void restore(Connection connection, int networkTimeout) {
		try {
			connection.setNetworkTimeout(Runnable::run, networkTimeout);
		}
		catch (SQLException ex) {
			// The connection is broken and will be discarded.
			logger.debug("A connection is not used any more", ex);
		}
	}

	/**
	 * One or more statements on the table.
	 *
	 * @param <T> the type of the result
	 */
	@FunctionalInterface
	interface Step<T> {

		T take(JdbcClient jdbc, Statements statements);

	}

	/**
	 * What depends on the type of the database.
	 */
	private record Access(String database, Dialect dialect, Statements statements) {
	}

}
