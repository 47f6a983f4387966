package io.idempotency.history;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.jdbc.JdbcIdempotencyAutoConfiguration;
import io.idempotency.redis.RedisIdempotencyAutoConfiguration;
import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseProcess;
import io.idempotency.testing.MariaDbProcess;
import io.idempotency.testing.PostgresProcess;
import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;

/**
 * A server of a store that stops answering, dies, and comes back with what it has on
 * disk.
 */
sealed interface FaultyServer extends AutoCloseable {

	int port();

	void pausedDuring(Runnable action);

	void deadDuring(Runnable action);

	/**
	 * Returns the configuration of an application that uses the store.
	 */
	Class<?> configuration();

	/**
	 * Returns the properties of an application that uses the store.
	 * @param port where the application finds the server
	 */
	List<String> properties(int port);

	@Override
	void close();

	/**
	 * The servers that there are.
	 */
	enum Kind {

		REDIS {
			@Override
			FaultyServer start(Path directory) {
				return new Redis(RedisProcess.freePort(), directory);
			}
		},

		POSTGRESQL {
			@Override
			FaultyServer start(Path directory) {
				return new Relational(PostgresProcess.startLocal());
			}
		},

		MARIADB {
			@Override
			FaultyServer start(Path directory) {
				return new Relational(MariaDbProcess.startLocal());
			}
		};

		/**
		 * Starts a server.
		 * @param directory an empty directory, which the server may use
		 */
		abstract FaultyServer start(Path directory);

	}

	/**
	 * A Redis that answers when it has written to disk.
	 */
	final class Redis implements FaultyServer {

		private final int port;

		private final Path directory;

		private RedisProcess server;

		Redis(int port, Path directory) {
			this.port = port;
			this.directory = directory;
			this.server = start();
		}

		private RedisProcess start() {
			return RedisProcess.startLocal(this.port, "appendonly yes", "appendfsync always", "dir " + this.directory);
		}

		@Override
		public int port() {
			return this.port;
		}

		@Override
		public void pausedDuring(Runnable action) {
			RedisConsole.suspendDuring(this.server, action);
		}

		@Override
		public void deadDuring(Runnable action) {
			RedisConsole.kill(this.server);
			action.run();
			this.server = start();
		}

		@Override
		public Class<?> configuration() {
			return Redis.Configuration.class;
		}

		@Override
		public List<String> properties(int port) {
			return List.of("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + port,
					"idempotency.store=redis", "idempotency.redis.timeout=300ms");
		}

		@Override
		public void close() {
			this.server.close();
		}

		@ImportAutoConfiguration({ DataRedisAutoConfiguration.class, RedisIdempotencyAutoConfiguration.class })
		static class Configuration {

		}

	}

	/**
	 * A database.
	 */
	final class Relational implements FaultyServer {

		private final DatabaseProcess server;

		private final Database database;

		private final int port;

		Relational(DatabaseProcess server) {
			this.server = server;
			this.database = server.newDatabase();
			this.port = URI.create(this.database.url().substring("jdbc:".length())).getPort();
		}

		@Override
		public int port() {
			return this.port;
		}

		@Override
		public void pausedDuring(Runnable action) {
			this.server.pause();
			action.run();
			this.server.resume();
		}

		@Override
		public void deadDuring(Runnable action) {
			this.server.kill();
			action.run();
			this.server.start();
		}

		@Override
		public Class<?> configuration() {
			return Relational.Configuration.class;
		}

		@Override
		public List<String> properties(int port) {
			Database seen = new Database(this.database.url().replace(":" + this.port + "/", ":" + port + "/"),
					this.database.username(), this.database.password());
			List<String> properties = new ArrayList<>(List.of(seen.properties()));
			properties.addAll(List.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always",
					"idempotency.jdbc.timeout=1s", "spring.datasource.hikari.connection-timeout=300",
					"spring.datasource.hikari.validation-timeout=250"));
			return properties;
		}

		@Override
		public void close() {
			this.server.close();
		}

		@ImportAutoConfiguration({ DataSourceAutoConfiguration.class, JdbcIdempotencyAutoConfiguration.class })
		static class Configuration {

		}

	}

}
