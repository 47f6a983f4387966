package io.idempotency.jdbc;

import java.sql.SQLException;
import java.time.Duration;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.util.Credentials;
import org.jspecify.annotations.Nullable;

/**
 * Creates a HikariCP pool of one connection with the settings of another pool.
 */
final class HikariPool {

	private HikariPool() {
	}

	/**
	 * Creates a pool in addition to the application's pool.
	 * @return the pool, or {@code null} if the application's pool is not HikariCP
	 */
	static @Nullable HikariDataSource besides(DataSource dataSource, Duration timeout) {
		try {
			return dataSource.isWrapperFor(HikariDataSource.class)
					? of(dataSource.unwrap(HikariDataSource.class), timeout) : null;
		}
		catch (SQLException ex) {
			return null;
		}
	}

	private static HikariDataSource of(HikariDataSource pool, Duration timeout) {
		HikariConfig config = new HikariConfig();
		pool.copyStateTo(config);
		config.setPoolName("idempotency-renewals");
		config.setMinimumIdle(1);
		config.setMaximumPoolSize(1);
		config.setIdleTimeout(0);
		config.setConnectionTimeout(timeout.toMillis());
		// The database may not be available at start.
		config.setInitializationFailTimeout(-1);
		config.setAutoCommit(true);
		config.setReadOnly(false);
		config.setRegisterMbeans(false);
		config.setMetricRegistry(null);
		config.setMetricsTrackerFactory(null);
		config.setHealthCheckRegistry(null);
		return new HikariDataSource(config) {

			/**
			 * Returns the current credentials of the application's pool, which may be
			 * replaced while the application runs.
			 */
			@Override
			public Credentials getCredentials() {
				return pool.getCredentials();
			}

		};
	}

}
