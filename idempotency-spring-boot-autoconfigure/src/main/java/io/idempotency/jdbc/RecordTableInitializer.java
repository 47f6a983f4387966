package io.idempotency.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

import javax.sql.DataSource;

import org.springframework.boot.jdbc.EmbeddedDatabaseConnection;
import org.springframework.boot.jdbc.init.DataSourceScriptDatabaseInitializer;
import org.springframework.boot.sql.init.DatabaseInitializationMode;
import org.springframework.boot.sql.init.DatabaseInitializationSettings;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.init.DatabasePopulatorUtils;
import org.springframework.jdbc.datasource.init.ResourceDatabasePopulator;
import org.springframework.jdbc.support.JdbcUtils;
import org.springframework.jdbc.support.MetaDataAccessException;

/**
 * Creates the table with the records under the configured name.
 */
final class RecordTableInitializer extends DataSourceScriptDatabaseInitializer {

	/**
	 * The script that creates the table. A released script never changes. A new version
	 * of the table has an additional script that continues after the one before.
	 */
	private static final String SCRIPT = "classpath:io/idempotency/jdbc/schema-v1-%s.sql";

	private static final int MOST_ATTEMPTS = 10;

	private static final Duration PAUSE = Duration.ofMillis(200);

	private final String tableName;

	RecordTableInitializer(DataSource dataSource, JdbcStoreProperties properties) {
		super(dataSource, settings(dataSource, properties.initializeSchema()));
		this.tableName = properties.tableName();
	}

	/**
	 * Returns the settings. The database is asked for its dialect only if it is to be
	 * initialized, because it may not be available otherwise.
	 */
	private static DatabaseInitializationSettings settings(DataSource dataSource, DatabaseInitializationMode mode) {
		DatabaseInitializationSettings settings = new DatabaseInitializationSettings();
		settings.setMode(mode);
		if (mode == DatabaseInitializationMode.ALWAYS
				|| (mode == DatabaseInitializationMode.EMBEDDED && EmbeddedDatabaseConnection.isEmbedded(dataSource))) {
			settings.setSchemaLocations(List.of(script(dialect(dataSource))));
		}
		return settings;
	}

	/**
	 * Returns the location of the script for a database.
	 */
	static String script(Dialect dialect) {
		return SCRIPT.formatted(dialect.name().toLowerCase(Locale.ROOT));
	}

	private static Dialect dialect(DataSource dataSource) {
		try {
			return JdbcUtils.extractDatabaseMetaData(dataSource, Dialect::of);
		}
		catch (MetaDataAccessException ex) {
			throw new IllegalStateException(
					"idempotency.jdbc.initialize-schema cannot create the table: the database does not answer", ex);
		}
	}

	/**
	 * Runs the scripts, and repeats them after a failure. Several instances that start at
	 * the same time can make each other's statements fail despite "if not exists". In
	 * this case the table exists at the next attempt.
	 */
	@Override
	protected void runScripts(Scripts scripts) {
		ResourceDatabasePopulator populator = new ResourceDatabasePopulator();
		scripts.forEach((script) -> populator.addScript(withTableName(script)));
		for (int attempt = 1;; attempt++) {
			try {
				DatabasePopulatorUtils.execute(populator, getDataSource());
				return;
			}
			catch (DataAccessException ex) {
				if (attempt == MOST_ATTEMPTS) {
					throw ex;
				}
				LockSupport.parkNanos(PAUSE.toNanos());
			}
		}
	}

	private Resource withTableName(Resource script) {
		String unqualified = this.tableName.substring(this.tableName.indexOf('.') + 1);
		try {
			String sql = script.getContentAsString(StandardCharsets.UTF_8)
				.replace(JdbcStoreProperties.DEFAULT_TABLE + "_", unqualified + "_")
				.replaceAll(JdbcStoreProperties.DEFAULT_TABLE + "\\b", this.tableName);
			return new ByteArrayResource(sql.getBytes(StandardCharsets.UTF_8), script.getDescription());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
