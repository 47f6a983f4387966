package io.idempotency.jdbc;

import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import javax.sql.DataSource;

import io.idempotency.store.Acquisition;
import io.idempotency.store.EnlistTerms;
import io.idempotency.store.Enlistment;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.OutcomeCodec;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StepLog;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredStep;
import io.idempotency.store.TransactionalIdempotencyStore;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.TransactionAwareDataSourceProxy;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Keeps each record in one row of a table in PostgreSQL, MySQL, MariaDB or H2. Leases are
 * measured with the clock of the database.
 * <p>
 * Every method commits its changes independently of a transaction of the caller, so that
 * other requests see them at once. There are two exceptions: {@link #begin} opens a
 * transaction that the work of a handler joins, and {@link #enlist} writes in the
 * transaction of its caller.
 */
public final class JdbcIdempotencyStore implements TransactionalIdempotencyStore, AutoCloseable {

	/**
	 * How long the owner of a removed record is told that it was removed.
	 */
	private static final Duration REMOVED = Duration.ofHours(1);

	private static final String NO_TRANSACTIONS = "There is no transaction manager for the store's database";

	private static final Duration LONGEST_PURGE = Duration.ofSeconds(10);

	private static final int RENEWED_AT_ONCE = 500;

	private static final int MOST_ATTEMPTS = 50;

	private final RecordDatabase database;

	private final RenewalConnections renewals;

	private final JdbcChanges changes;

	private final OutcomeCodec codec;

	private final StepLog stepLog;

	private final @Nullable PlatformTransactionManager transactions;

	private final @Nullable Inbox inbox;

	private final boolean transactionalByDefault;

	/**
	 * Creates a store whose handlers run in one transaction with their record only if
	 * they declare it. If the application's pool is HikariCP, leases are renewed on a
	 * separate connection.
	 * @param dataSource connects to the database
	 * @param transactions manages transactions of that data source, or {@code null} if no
	 * handler needs a transaction with its record
	 * @param tableName the table with the records, which must exist
	 * @param codec encodes and decodes stored outcomes
	 */
	public JdbcIdempotencyStore(DataSource dataSource, @Nullable PlatformTransactionManager transactions,
			String tableName, OutcomeCodec codec) {
		this(dataSource, transactions, JdbcStoreProperties.of(tableName), codec, null, () -> null);
	}

	/**
	 * Creates a store that renews leases on connections that are used for nothing else.
	 * @param dataSource connects to the database
	 * @param renewals connects to the same database and schema
	 * @param transactions manages transactions of {@code dataSource}, or {@code null} if
	 * no handler needs a transaction with its record
	 * @param tableName the table with the records, which must exist
	 * @param codec encodes and decodes stored outcomes
	 */
	public JdbcIdempotencyStore(DataSource dataSource, DataSource renewals,
			@Nullable PlatformTransactionManager transactions, String tableName, OutcomeCodec codec) {
		this(dataSource, transactions, JdbcStoreProperties.of(tableName), codec, renewals, () -> null);
	}

	/**
	 * Creates a store with all its settings.
	 * @param renewals connects to the database to renew leases, or {@code null}
	 * @param otherwise supplies the data source to renew leases with if there is no
	 * {@code renewals} and the pool is not HikariCP; may return {@code null}
	 */
	JdbcIdempotencyStore(DataSource dataSource, @Nullable PlatformTransactionManager transactions,
			JdbcStoreProperties properties, OutcomeCodec codec, @Nullable DataSource renewals,
			Supplier<? extends @Nullable DataSource> otherwise) {
		this.database = new RecordDatabase(unwrap(dataSource), properties.tableName(), properties.timeout());
		this.renewals = (renewals != null) ? RenewalConnections.on(unwrap(renewals), this.database)
				: RenewalConnections.besides(this.database, properties.timeout(), otherwise);
		this.changes = new JdbcChanges(this.database, properties.pollInterval());
		this.codec = codec;
		this.stepLog = new StepLog(codec);
		this.transactions = transactions;
		this.inbox = (transactions != null) ? new Inbox(transactions, this) : null;
		this.transactionalByDefault = properties.transactional();
	}

	/**
	 * Returns the data source that transaction managers bind connections for.
	 */
	private static DataSource unwrap(DataSource dataSource) {
		DataSource target = (dataSource instanceof TransactionAwareDataSourceProxy proxy) ? proxy.getTargetDataSource()
				: null;
		return (target != null) ? target : dataSource;
	}

	RecordDatabase database() {
		return this.database;
	}

	OutcomeCodec codec() {
		return this.codec;
	}

	/**
	 * Connects to the database, so that mistakes in the configuration are found when the
	 * application starts.
	 */
	void lookUp() {
		if (this.database.lookUp()) {
			this.renewals.database();
		}
	}

	@Override
	public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		RecordClaim claim = new RecordClaim(lease, fingerprint, terms);
		for (int attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
			Optional<RecordRow> row;
			try {
				row = this.database.committed(claim::row);
			}
			catch (DataAccessException ex) {
				if (!Enlisting.isLockTimeout(ex)) {
					throw ex;
				}
				return find(lease.key()).map((record) -> whileLocked(record.content(), terms))
					.orElseGet(() -> new Acquisition.InProgress(Fingerprint.ANY));
			}
			if (row.isPresent()) {
				return row.get().acquisition(lease.key(), this.codec, terms.abandonedExpiry() == null);
			}
		}
		throw new IllegalStateException("The record " + lease.key() + " changed at every attempt to claim it");
	}

	/**
	 * Returns what is said of a record whose row is locked by another transaction. If
	 * leases are taken over, a record whose lease has lapsed is not abandoned, because
	 * its owner may be committing it.
	 */
	private static Acquisition whileLocked(Acquisition content, LeaseTerms terms) {
		return (content instanceof Acquisition.Abandoned abandoned && terms.abandonedExpiry() == null)
				? new Acquisition.InProgress(abandoned.fingerprint()) : content;
	}

	@Override
	public boolean renew(Lease lease, LeaseTerms terms) {
		Map<String, Object> parameters = RecordParameters.of(lease, terms);
		return this.renewals.database()
			.committed((jdbc, statements) -> jdbc.sql(statements.renew()).params(parameters).update() == 1);
	}

	/**
	 * Renews many leases with one statement. Owner tokens are unique, so a row that
	 * matches one of the keys and one of the tokens belongs to one of the leases. If not
	 * all leases were renewed, each lease is renewed separately to find out which of them
	 * are lost.
	 */
	@Override
	public Map<Lease, CompletionStage<Boolean>> renewAll(Collection<Lease> leases, LeaseTerms terms) {
		Map<Lease, CompletionStage<Boolean>> answers = new LinkedHashMap<>();
		List<Lease> all = leases.stream().sorted(Comparator.comparing((lease) -> lease.key().hex())).toList();
		for (int i = 0; i < all.size(); i += RENEWED_AT_ONCE) {
			List<Lease> some = all.subList(i, Math.min(i + RENEWED_AT_ONCE, all.size()));
			if (renewsEach(some, terms)) {
				some.forEach((lease) -> answers.put(lease, CompletableFuture.completedFuture(true)));
			}
			else {
				answers.putAll(TransactionalIdempotencyStore.super.renewAll(some, terms));
			}
		}
		return answers;
	}

	private boolean renewsEach(List<Lease> leases, LeaseTerms terms) {
		Map<String, Object> parameters = RecordParameters.of(leases, terms);
		return this.renewals.database()
			.committed(
					(jdbc, statements) -> jdbc.sql(statements.renewAll()).params(parameters).update() == leases.size());
	}

	@Override
	public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		boolean completed = this.database
			.committed((jdbc, statements) -> completes(jdbc, statements, lease, outcome, expiry)
					|| isCompleted(jdbc, statements, lease));
		if (completed) {
			changed(lease.key());
		}
		return completed;
	}

	boolean completes(JdbcClient jdbc, Statements statements, Lease lease, Outcome outcome, Expiry expiry) {
		return jdbc.sql(statements.complete()).params(parameters(lease, outcome, expiry)).update() == 1;
	}

	private static boolean isCompleted(JdbcClient jdbc, Statements statements, Lease lease) {
		return jdbc.sql(statements.isCompleted()).params(RecordParameters.of(lease)).query(Integer.class).single() == 1;
	}

	@Override
	public boolean release(Lease lease) {
		boolean released = this.database.committed((jdbc, statements) -> releases(jdbc, statements, lease));
		if (released) {
			changed(lease.key());
		}
		return released;
	}

	/**
	 * Releases a record. The statement for records without steps comes first, because
	 * most records have none.
	 */
	static boolean releases(JdbcClient jdbc, Statements statements, Lease lease) {
		return jdbc.sql(statements.release()).params(RecordParameters.of(lease)).update() == 1
				|| jdbc.sql(statements.releaseResumable()).params(RecordParameters.of(lease)).update() == 1;
	}

	/**
	 * Stores a step. If the thread already holds a connection of the pool, the step is
	 * stored on a renewal connection, so that the thread does not wait for a second one
	 * of the pool.
	 */
	@Override
	public boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
		boolean holdsConnection = TransactionSynchronizationManager.hasResource(this.database.dataSource());
		RecordDatabase apart = holdsConnection ? this.renewals.database() : this.database;
		return apart.committed((jdbc, statements) -> storesStep(jdbc, statements, lease, step, expiry));
	}

	boolean storesStep(JdbcClient jdbc, Statements statements, Lease lease, StoredStep step, Expiry expiry) {
		Map<String, Object> parameters = RecordParameters.of(lease, expiry);
		parameters.put("step", this.stepLog.encode(lease.key(), step));
		return jdbc.sql(statements.step()).params(parameters).update() == 1;
	}

	@Override
	public Optional<StoredRecord> find(RecordKey key) {
		return this.database
			.committed((jdbc, statements) -> jdbc.sql(statements.find())
				.param("key", key.hex())
				.query((result, index) -> ShownRow.of(result))
				.optional())
			.map((found) -> found.record(key, this.codec));
	}

	@Override
	public boolean remove(RecordKey key) {
		boolean removed = this.database.committed((jdbc,
				statements) -> jdbc.sql(statements.markRemoved())
					.param("key", key.hex())
					.param("mark", REMOVED.toMillis())
					.update() == 1 || jdbc.sql(statements.remove()).param("key", key.hex()).update() == 1);
		if (removed) {
			changed(key);
		}
		return removed;
	}

	@Override
	public Registration onChange(RecordKey key, Runnable hint) {
		return this.changes.add(key, hint);
	}

	void changed(RecordKey key) {
		this.changes.changed(key);
	}

	@Override
	public int purgeExpired() {
		return new RecordPurge(this.database).purge(LONGEST_PURGE);
	}

	@Override
	public boolean isTransactional() {
		return this.transactions != null;
	}

	@Override
	public boolean isTransactionalByDefault() {
		return this.transactionalByDefault;
	}

	@Override
	public Transaction begin() {
		if (this.transactions == null) {
			throw new IllegalStateException(NO_TRANSACTIONS);
		}
		return HandlerTransaction.begin(this.transactions, this);
	}

	@Override
	public boolean isInTransaction() {
		return this.inbox != null && this.inbox.isInTransaction();
	}

	@Override
	public Enlistment enlist(RecordKey key, Fingerprint fingerprint, Outcome outcome, EnlistTerms terms) {
		if (this.inbox == null) {
			throw new IllegalStateException(NO_TRANSACTIONS);
		}
		return this.inbox.enlist(key, fingerprint, outcome, terms);
	}

	/**
	 * Stops polling for changes, and closes the renewal connections that this store has
	 * created. The data sources that were passed to the store stay open.
	 */
	@Override
	public void close() {
		this.changes.close();
		this.renewals.close();
	}

	@Override
	public String toString() {
		return this.database.toString();
	}

	Map<String, Object> parameters(Lease lease, Outcome outcome, Expiry expiry) {
		Map<String, Object> parameters = RecordParameters.of(lease, expiry);
		parameters.put("outcome", this.codec.encode(lease.key(), outcome));
		return parameters;
	}

}
