package io.idempotency.jdbc;

import java.time.Duration;
import java.util.regex.Pattern;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.sql.init.DatabaseInitializationMode;

/**
 * Settings of the store in a database.
 *
 * @param initializeSchema when the table is created: in embedded databases, always or
 * never
 * @param tableName the table with the records, with the name of its schema if need be
 * @param transactional whether every protected handler runs in a transaction that commits
 * its work together with its response
 * @param pollInterval how often the database is asked, by one query, whether the requests
 * have ended that others wait for
 * @param timeout how long the database may take for one statement, before its connection
 * is given up; how long a request waits for a connection is the pool's own setting
 */
@ConfigurationProperties("idempotency.jdbc")
record JdbcStoreProperties(@DefaultValue("embedded") DatabaseInitializationMode initializeSchema,
		@DefaultValue("idempotency_record") String tableName, @DefaultValue("false") boolean transactional,
		@DefaultValue("50ms") Duration pollInterval, @DefaultValue("5s") Duration timeout) {

	static final String DEFAULT_TABLE = "idempotency_record";

	private static final Pattern NAME = Pattern.compile("([A-Za-z_][A-Za-z0-9_]*\\.)?[A-Za-z_][A-Za-z0-9_]*");

	JdbcStoreProperties {
		require(NAME.matcher(tableName).matches(), "table-name",
				"must be the name of a table, with that of its schema and a dot before it if need be", tableName);
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
