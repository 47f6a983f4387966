package io.idempotency.testing;

import java.util.UUID;
import java.util.stream.Stream;

/**
 * The stores that behaviour is tested on.
 */
public enum StoreKind {

	/**
	 * The memory of the application.
	 */
	MEMORY {
		@Override
		public String[] properties() {
			return new String[] { "idempotency.store=memory" };
		}
	},

	/**
	 * A real Redis, with a key prefix of its own for each application.
	 */
	REDIS {
		@Override
		public String[] properties() {
			return Stream
				.concat(Stream.of(RedisProcess.shared().properties()),
						Stream.of("idempotency.redis.key-prefix=test:" + UUID.randomUUID() + ":"))
				.toArray(String[]::new);
		}
	},

	/**
	 * A real PostgreSQL, with a database of its own for each application.
	 */
	JDBC {
		@Override
		public String[] properties() {
			return Stream
				.concat(Stream.of(PostgresProcess.shared().newDatabase().properties()),
						Stream.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always"))
				.toArray(String[]::new);
		}
	};

	/**
	 * Returns the properties that make an application use the store.
	 */
	public abstract String[] properties();

}
