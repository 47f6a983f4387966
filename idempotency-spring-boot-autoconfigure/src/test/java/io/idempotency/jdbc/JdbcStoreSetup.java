package io.idempotency.jdbc;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseKind;

import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * The ways in which applications connect to their databases.
 */
enum JdbcStoreSetup {

	POSTGRESQL(DatabaseKind.POSTGRESQL),

	POSTGRESQL_REPEATABLE_READ(DatabaseKind.POSTGRESQL) {
		@Override
		void configure(HikariConfig config) {
			config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
		}
	},

	POSTGRESQL_SERIALIZABLE_WITHOUT_AUTO_COMMIT(DatabaseKind.POSTGRESQL) {
		@Override
		void configure(HikariConfig config) {
			config.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
			config.setAutoCommit(false);
		}
	},

	/**
	 * InnoDB's default is REPEATABLE READ.
	 */
	MARIADB(DatabaseKind.MARIADB),

	MARIADB_READ_COMMITTED_WITHOUT_AUTO_COMMIT(DatabaseKind.MARIADB) {
		@Override
		void configure(HikariConfig config) {
			config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
			config.setAutoCommit(false);
		}
	},

	/**
	 * The statements for MySQL, which MariaDB understands too.
	 */
	MYSQL(DatabaseKind.MARIADB) {
		@Override
		DataSource seenByStore(HikariDataSource dataSource) {
			return new CalledMySql(dataSource);
		}
	},

	H2(DatabaseKind.H2);

	private final DatabaseKind database;

	JdbcStoreSetup(DatabaseKind database) {
		this.database = database;
	}

	DatabaseKind database() {
		return this.database;
	}

	HikariDataSource connect(Database database) {
		HikariConfig config = new HikariConfig();
		config.setJdbcUrl(database.url());
		config.setUsername(database.username());
		config.setPassword(database.password());
		config.setMinimumIdle(0);
		config.setMaximumPoolSize(16);
		configure(config);
		return new HikariDataSource(config);
	}

	void configure(HikariConfig config) {
	}

	DataSource seenByStore(HikariDataSource dataSource) {
		return dataSource;
	}

	/**
	 * A data source whose connections say that their database is MySQL.
	 */
	private static final class CalledMySql extends DelegatingDataSource {

		CalledMySql(DataSource dataSource) {
			super(dataSource);
		}

		@Override
		public Connection getConnection() throws SQLException {
			Connection connection = super.getConnection();
			return proxy(Connection.class, connection, "getMetaData",
					proxy(DatabaseMetaData.class, connection.getMetaData(), "getDatabaseProductName", "MySQL"));
		}

		private static <T> T proxy(Class<T> type, T target, String method, Object answer) {
			return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type },
					(proxy, called, arguments) -> {
						try {
							return called.getName().equals(method) ? answer : called.invoke(target, arguments);
						}
						catch (InvocationTargetException ex) {
							throw ex.getTargetException();
						}
					}));
		}

	}

}
