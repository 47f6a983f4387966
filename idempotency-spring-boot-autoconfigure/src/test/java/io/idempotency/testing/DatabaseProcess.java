package io.idempotency.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

import com.zaxxer.hikari.HikariDataSource;

/**
 * A real database server. It stops with the JVM at the latest.
 */
public abstract sealed class DatabaseProcess implements AutoCloseable permits MariaDbProcess, PostgresProcess {

	private final AutoCloseable server;

	private final String urlPrefix;

	private final Database main;

	/**
	 * Creates a server of one that runs.
	 * @param server what runs
	 * @param urlPrefix the JDBC URL without the name of a database
	 * @param database the name of the database that is there from the beginning
	 */
	DatabaseProcess(AutoCloseable server, String urlPrefix, String database, String username, String password) {
		this.server = server;
		this.urlPrefix = urlPrefix;
		this.main = new Database(urlPrefix + database, username, password);
	}

	public String url() {
		return this.main.url();
	}

	public String username() {
		return this.main.username();
	}

	public String password() {
		return this.main.password();
	}

	/**
	 * Returns a new pool of connections, which is the caller's to close.
	 */
	public HikariDataSource dataSource() {
		return this.main.dataSource();
	}

	/**
	 * Returns the properties that make an application use this server.
	 */
	public String[] properties() {
		return this.main.properties();
	}

	/**
	 * Creates a database that nobody else uses.
	 */
	public Database newDatabase() {
		String name = "test_" + UUID.randomUUID().toString().replace("-", "");
		try (Connection connection = this.main.connect(); Statement statement = connection.createStatement()) {
			statement.execute("create database " + name);
		}
		catch (SQLException ex) {
			throw new IllegalStateException(ex);
		}
		return new Database(this.urlPrefix + name, username(), password());
	}

	/**
	 * Starts a server again that was stopped or killed: on the same port, with what it
	 * has on disk.
	 */
	public void start() {
		local().start();
	}

	/**
	 * Lets the server stop in order.
	 */
	public void stop() {
		local().stop();
	}

	/**
	 * Ends the server's processes without giving them a chance to do anything.
	 */
	public void kill() {
		local().kill();
	}

	/**
	 * Makes the server stop answering, its connections staying open.
	 */
	public void pause() {
		local().pause();
	}

	/**
	 * Makes the server go on.
	 */
	public void resume() {
		local().resume();
	}

	private LocalServer local() {
		if (this.server instanceof LocalServer local) {
			return local;
		}
		throw new IllegalStateException("Only a server that startLocal() started can be stopped and started");
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (Exception ex) {
			throw new IllegalStateException("The database could not be stopped", ex);
		}
	}

}
