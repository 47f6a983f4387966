package io.idempotency.jdbc;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.idempotency.testing.Database;
import io.idempotency.testing.DatabaseKind;

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
			return new NamedDatabase(dataSource, "MySQL");
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

}
