package io.idempotency.jdbc;

import java.time.Duration;
import java.util.regex.Pattern;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.sql.init.DatabaseInitializationMode;

/**
 * Settings of the store that keeps records in a database.
 *
 * @param initializeSchema When to create the table: only in an embedded database
 * (embedded), always or never.
 * @param tableName Name of the table with the records. It may be qualified with a schema,
 * such as app.idempotency_record.
 * @param transactional Whether to run every protected handler, method and listener in a
 * transaction that commits its work together with its response or result.
 * @param pollInterval Time between two queries for the end of requests that others wait
 * for. The database is queried only while requests are waiting.
 * @param timeout Maximum time that the database may take for one statement. When it is
 * over, the connection is closed. The time that a request waits for a connection is a
 * setting of the pool.
 */
@ConfigurationProperties("idempotency.jdbc")
record JdbcStoreProperties(@DefaultValue("embedded") DatabaseInitializationMode initializeSchema,
		@DefaultValue("idempotency_record") String tableName, @DefaultValue("false") boolean transactional,
		@DefaultValue("50ms") Duration pollInterval, @DefaultValue("5s") Duration timeout) {

	static final String DEFAULT_TABLE = "idempotency_record";

	private static final Pattern NAME = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*\\.)?[A-Za-z_][A-Za-z0-9_]*");

	JdbcStoreProperties {
		require(NAME.matcher(tableName).matches(), "table-name",
				"must be the name of a table, or the names of a schema and a table separated by a dot", tableName);
		require(pollInterval.compareTo(Duration.ofMillis(1)) >= 0 && pollInterval.compareTo(Duration.ofHours(1)) <= 0,
				"poll-interval", "must be between 1 ms and 1 hour", pollInterval);
		require(timeout.compareTo(Duration.ofSeconds(1)) >= 0 && timeout.compareTo(Duration.ofDays(1)) <= 0, "timeout",
				"must be between 1 second and 1 day", timeout);
	}

	private static void require(boolean condition, String property, String rule, Object value) {
		if (!condition) {
			throw new IllegalArgumentException(
					"idempotency.jdbc." + property + " " + rule + ", but is '" + value + "'");
		}
	}

	static JdbcStoreProperties of(String tableName) {
		return new JdbcStoreProperties(DatabaseInitializationMode.NEVER, tableName, false, Duration.ofMillis(50),
				Duration.ofSeconds(5));
	}

}
