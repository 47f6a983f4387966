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
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.jdbc.support.SQLExceptionSubclassTranslator;
import org.springframework.jdbc.support.SQLExceptionTranslator;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.AbstractPlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The table with the records, and the two ways to use it: in transactions of its own, or
 * in that of a handler. What database it is in is looked up on first use, since it may be
 * away when the application starts.
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

	private final int queryTimeout;

	private final int longestSilence;

	private volatile @Nullable Access access;

	RecordDatabase(DataSource dataSource, String table, Duration timeout) {
		this.dataSource = dataSource;
		this.table = table;
		this.longestSilence = (int) timeout.toMillis();
		this.queryTimeout = (int) timeout.plusMillis(1999).toSeconds();
	}

	/**
	 * Many threads may look at once: none waits for another one's look at a database that
	 * is away.
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
			DatabaseMetaData database = connection.getMetaData();
			Statements statements = Statements.on(this.table, Dialect.of(database));
			return new Access(database.getDatabaseProductName(), statements,
					outsideTransactions(this.dataSource, connection.getAutoCommit()));
		}
		catch (SQLException ex) {
			throw new CannotGetJdbcConnectionException("The database does not say what it is: " + ex.getMessage(), ex);
		}
	}

	/**
	 * Every step is one statement, which commits by itself on most connections. Where a
	 * pool has auto-commit off, it takes a transaction. A transaction of the caller's is
	 * suspended either way.
	 */
	private static TransactionTemplate outsideTransactions(DataSource dataSource, boolean autoCommit) {
		JdbcTransactionManager manager = new JdbcTransactionManager(dataSource);
		manager.setTransactionSynchronization(AbstractPlatformTransactionManager.SYNCHRONIZATION_ON_ACTUAL_TRANSACTION);
		TransactionTemplate transactions = new TransactionTemplate(manager);
		transactions.setPropagationBehavior(autoCommit ? TransactionDefinition.PROPAGATION_NOT_SUPPORTED
				: TransactionDefinition.PROPAGATION_REQUIRES_NEW);
		return transactions;
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
	 * Looks what database it is, so that one that the store does not know is found when
	 * the application starts. One that is away may come later.
	 * @throws InvalidConfigurationPropertyValueException if the store does not know it
	 */
	void lookUp() {
		try {
			access();
		}
		catch (InvalidConfigurationPropertyValueException ex) {
			throw ex;
		}
		catch (RuntimeException ex) {
			logger.warn("Requests with an idempotency key are refused until the database answers: " + ex);
		}
	}

	/**
	 * Takes a step that is committed when this returns. It is taken again where the
	 * database chose it to end a deadlock, or could not serialize it.
	 */
	<T> T committed(Step<T> step) {
		Access access = access();
		for (int attempt = 1;; attempt++) {
			try {
				return access.outsideTransactions().execute((status) -> take(step, access));
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
	 * SQL states of class 40 tell of a rollback that is no fault of the statement
	 * (SQL:2016, part 2, 24.1). MariaDB says so without that state where a row changed
	 * since its snapshot.
	 */
	private static boolean isToBeRepeated(DataAccessException ex) {
		return NestedExceptionUtils.getMostSpecificCause(ex) instanceof SQLException cause
				&& ((cause.getSQLState() != null && cause.getSQLState().startsWith("40"))
						|| cause.getErrorCode() == MARIADB_RECORD_CHANGED);
	}

	/**
	 * Takes a step in the transaction of the calling thread.
	 */
	<T> T inTransaction(Step<T> step) {
		return take(step, access());
	}

	/**
	 * Takes a step on the connection of the calling thread's transaction, or else on one
	 * from the pool. The connection is given a timeout, since a server that is gone does
	 * not end a statement. The statement's own comes later: PostgreSQL's driver waits for
	 * such a server to cancel it.
	 */
	private <T> T take(Step<T> step, Access access) {
		Connection connection = DataSourceUtils.getConnection(this.dataSource);
		try {
			int before = connection.getNetworkTimeout();
			connection.setNetworkTimeout(Runnable::run, this.longestSilence);
			try {
				return step.take(on(connection), access.statements());
			}
			finally {
				restore(connection, before);
			}
		}
		catch (SQLException ex) {
			throw new DataAccessResourceFailureException("The connection to the database is broken", ex);
		}
		catch (BadSqlGrammarException ex) {
			throw new InvalidDataAccessResourceUsageException("The table " + this.table
					+ " cannot be used: create it with the script for your database in classpath:io/idempotency/jdbc, or set"
					+ " idempotency.jdbc.initialize-schema=always: " + ex.getMostSpecificCause().getMessage(), ex);
		}
		finally {
			DataSourceUtils.releaseConnection(connection, this.dataSource);
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
			// It is broken, and ends here.
			logger.debug("A connection is not used any more", ex);
		}
	}

	/**
	 * What one does with the table.
	 *
	 * @param <T> what comes of it
	 */
	@FunctionalInterface
	interface Step<T> {

		T take(JdbcClient jdbc, Statements statements);

	}

	/**
	 * What depends on the database.
	 */
	private record Access(String database, Statements statements, TransactionTemplate outsideTransactions) {
	}

}
