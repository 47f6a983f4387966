package io.idempotency.testing;

import java.util.UUID;

/**
 * The databases that are tested on.
 */
public enum DatabaseKind {

	/**
	 * A real PostgreSQL.
	 */
	POSTGRESQL {
		@Override
		public Database newDatabase() {
			return PostgresProcess.shared().newDatabase();
		}
	},

	/**
	 * A real MariaDB.
	 */
	MARIADB {
		@Override
		public Database newDatabase() {
			return MariaDbProcess.shared().newDatabase();
		}
	},

	/**
	 * H2 in memory.
	 */
	H2 {
		@Override
		public Database newDatabase() {
			return new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");
		}
	};

	/**
	 * Creates a database that nobody else uses.
	 */
	public abstract Database newDatabase();

}
