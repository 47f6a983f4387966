package io.idempotency.testing;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

/**
 * Where a database is, and who may use it.
 *
 * @param url the JDBC URL
 * @param username the name of a user who may do anything there
 * @param password that user's password
 */
public record Database(String url, String username, String password) {

	/**
	 * Opens a connection.
	 */
	public Connection connect() throws SQLException {
		return DriverManager.getConnection(this.url, this.username, this.password);
	}

	/**
	 * Returns a new pool of connections, which is the caller's to close.
	 */
	public HikariDataSource dataSource() {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(this.url);
		config.setUsername(this.username);
		config.setPassword(this.password);
		config.setMinimumIdle(0);
		config.setMaximumPoolSize(16);
		return new HikariDataSource(config);
	}

	/**
	 * Returns the properties that make an application use this database.
	 */
	public String[] properties() {
		// An application that is idle leaves the server's connections to others.
		return new String[] { "spring.datasource.url=" + this.url, "spring.datasource.username=" + this.username,
				"spring.datasource.password=" + this.password, "spring.datasource.hikari.minimum-idle=0" };
	}

}
