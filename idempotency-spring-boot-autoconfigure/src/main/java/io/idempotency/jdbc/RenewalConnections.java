package io.idempotency.jdbc;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.idempotency.store.RecordKey;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.datasource.AbstractDriverBasedDataSource;
import org.springframework.util.ClassUtils;

/**
 * Chooses the connections for renewing leases. They are separate from the application's
 * pool, because handlers may hold all connections of the pool.
 */
final class RenewalConnections implements AutoCloseable {

	private static final Log logger = LogFactory.getLog(RenewalConnections.class);

	private static final boolean HIKARI = ClassUtils.isPresent("com.zaxxer.hikari.HikariDataSource",
			RenewalConnections.class.getClassLoader());

	private static final String AT_RISK = "leases are renewed on connections of the application's pool. If handlers"
			+ " hold all of them for longer than idempotency.lease-duration, leases lapse and handlers may run twice."
			+ " Declare a DataSource bean with @RenewalDataSource";

	private final RecordDatabase shared;

	private final @Nullable RecordDatabase apart;

	private final @Nullable AutoCloseable pool;

	private volatile @Nullable RecordDatabase chosen;

	private RenewalConnections(RecordDatabase shared, @Nullable RecordDatabase apart, @Nullable AutoCloseable pool) {
		this.shared = shared;
		this.apart = apart;
		this.pool = pool;
	}

	/**
	 * Uses a given data source.
	 */
	static RenewalConnections on(DataSource dataSource, RecordDatabase shared) {
		return new RenewalConnections(shared, shared.on(dataSource), null);
	}

	/**
	 * Creates connections that are separate from those of the application, if the
	 * application's data source allows it.
	 * @param otherwise supplies a data source for all other cases, or returns
	 * {@code null}
	 */
	static RenewalConnections besides(RecordDatabase shared, Duration timeout,
			Supplier<? extends @Nullable DataSource> otherwise) {
		if (shared.dataSource() instanceof AbstractDriverBasedDataSource) {
			// It is not a pool: each connection is a new one.
			return on(shared.dataSource(), shared);
		}
		DataSource pool = HIKARI ? HikariPool.besides(shared.dataSource(), timeout) : null;
		if (pool != null) {
			return new RenewalConnections(shared, shared.on(pool), (AutoCloseable) pool);
		}
		DataSource other = otherwise.get();
		return new RenewalConnections(shared, (other != null) ? shared.on(other) : null, null);
	}

	/**
	 * Returns the table, accessed through the connections that renew leases.
	 * @throws RuntimeException if the database does not answer; the connections are then
	 * chosen at the next call
	 */
	RecordDatabase database() {
		RecordDatabase known = this.chosen;
		if (known == null) {
			known = choose();
			this.chosen = known;
		}
		return known;
	}

	private RecordDatabase choose() {
		if (this.apart == null) {
			logger.warn("There are no separate connections to renew leases of " + this.shared + ": " + AT_RISK);
			return this.shared;
		}
		if (this.apart.dataSource() != this.shared.dataSource() && !seesSameRecords(this.apart)) {
			logger.warn("The connections for renewing leases do not see the records of " + this.shared + ": " + AT_RISK
					+ " that connects to the same database and schema");
			return this.shared;
		}
		return this.apart;
	}

	/**
	 * Returns whether the connections use the same table, because another schema may have
	 * a table of the same name.
	 */
	private boolean seesSameRecords(RecordDatabase other) {
		String key = RecordKey.random().hex();
		Map<String, Object> probe = Map.of("key", key, "owner", key, "fingerprint", key, "lease",
				Duration.ofMinutes(1).toMillis(), "stay", 0L);
		this.shared.committed((jdbc, statements) -> jdbc.sql(statements.insert()).params(probe).update());
		try {
			return other.committed((jdbc, statements) -> jdbc.sql(statements.renew()).params(probe).update() == 1);
		}
		catch (RuntimeException ex) {
			logger.debug("The connections for renewing leases do not work", ex);
			return false;
		}
		finally {
			this.shared.committed((jdbc, statements) -> jdbc.sql(statements.release()).params(probe).update());
		}
	}

	@Override
	public void close() {
		if (this.pool != null) {
			try {
				this.pool.close();
			}
			catch (Exception ex) {
				logger.debug("The connection that renewed leases could not be closed", ex);
			}
		}
	}

}
