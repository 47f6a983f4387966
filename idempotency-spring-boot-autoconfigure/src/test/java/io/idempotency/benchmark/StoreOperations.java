package io.idempotency.benchmark;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResponse.Header;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a request asks of a store.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@SuppressWarnings("NullAway.Init")
public class StoreOperations {

	private static final LeaseTerms TERMS = new LeaseTerms(Duration.ofMinutes(1), null);

	/**
	 * What is stored is gone before memory is full.
	 */
	private static final Expiry EXPIRY = Expiry.after(Duration.ofSeconds(1));

	private static final Fingerprint FINGERPRINT = new Fingerprint("f".repeat(64));

	private static final StoredResponse RESPONSE = new StoredResponse(200,
			List.of(new Header("Content-Type", "application/json")), new byte[1024]);

	private final AtomicLong keys = new AtomicLong(System.nanoTime());

	/**
	 * Which store.
	 */
	@Param({ "MEMORY", "REDIS", "JDBC" })
	public StoreKind kind;

	private TestApp app;

	private IdempotencyStore store;

	private RecordKey completed;

	/**
	 * Starts an application with the store.
	 */
	@Setup(Level.Trial)
	public void start() {
		this.app = TestApp.start(List.of(), this.kind, "idempotency.memory.max-entries=10000000",
				"idempotency.memory.max-size=4GB");
		this.store = this.app.bean(IdempotencyStore.class);
		this.completed = store(Expiry.never()).key();
	}

	/**
	 * Stops the application.
	 */
	@TearDown(Level.Trial)
	public void stop() {
		this.app.close();
	}

	/**
	 * A first request.
	 */
	@Benchmark
	public Lease first() {
		return store(EXPIRY);
	}

	private Lease store(Expiry expiry) {
		Lease lease = Lease.of(newKey());
		this.store.acquire(lease, FINGERPRINT, TERMS);
		this.store.complete(lease, RESPONSE, expiry);
		return lease;
	}

	/**
	 * A retry that gets the first response.
	 */
	@Benchmark
	public Acquisition replay() {
		return this.store.acquire(Lease.of(this.completed), FINGERPRINT, TERMS);
	}

	private RecordKey newKey() {
		return new RecordKey("0".repeat(48) + HexFormat.of().toHexDigits(this.keys.incrementAndGet()));
	}

}
