package io.idempotency.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Acquisition.Acquired;
import io.idempotency.store.Acquisition.Completed;
import io.idempotency.store.Acquisition.InProgress;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.IdempotencyStoreStepContract;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoreFullException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

@Tag("quick")
class MemoryIdempotencyStoreTests extends IdempotencyStoreStepContract {

	private static final LeaseTerms MINUTE = new LeaseTerms(Duration.ofMinutes(1), null);

	private static final LeaseTerms HOUR = new LeaseTerms(Duration.ofHours(1), null);

	private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);

	private final IdempotencyStore store = new MemoryIdempotencyStore(100_000, this.now::get);

	@Override
	protected IdempotencyStore store() {
		return this.store;
	}

	@Override
	protected void advance(Duration duration) {
		this.now.updateAndGet((instant) -> instant.plus(duration));
	}

	// O4
	@Test
	void refusesNewKeyWhenFullOfUnexpiredRecords() {
		MemoryIdempotencyStore full = full(3);
		assertThatExceptionOfType(StoreFullException.class).isThrownBy(() -> acquire(full, 3, HOUR))
			.withMessageContaining("idempotency.memory.max-entries");
		advance(Duration.ofSeconds(59));
		assertThatExceptionOfType(StoreFullException.class).isThrownBy(() -> acquire(full, 3, HOUR));
	}

	// O4
	@Test
	void answersForKnownKeysWhenFull() {
		MemoryIdempotencyStore full = full(2);
		assertThatExceptionOfType(StoreFullException.class).isThrownBy(() -> acquire(full, 2, HOUR));
		assertThat(acquire(full, 0, HOUR)).isInstanceOf(InProgress.class);
		assertThat(full.complete(lease(0), new ResponseNotStored(), Expiry.never())).isTrue();
		assertThat(acquire(full, 0, HOUR)).isInstanceOf(Completed.class);
		assertThat(full.renew(lease(1), HOUR)).isTrue();
		assertThatExceptionOfType(StoreFullException.class).isThrownBy(() -> acquire(full, 2, HOUR));
	}

	// O4
	@Test
	void takesNewKeyWhenRecordWasReleased() {
		MemoryIdempotencyStore full = full(2);
		assertThat(full.release(lease(0))).isTrue();
		assertThat(acquire(full, 2, HOUR)).isInstanceOf(Acquired.class);
		assertThatExceptionOfType(StoreFullException.class).isThrownBy(() -> acquire(full, 3, HOUR));
	}

	// O4, O1
	@Test
	void takesNewKeysWhenRecordsHaveExpired() {
		MemoryIdempotencyStore full = full(3);
		full.complete(lease(0), new ResponseNotStored(), Expiry.never());
		advance(Duration.ofMinutes(1));
		assertThat(acquire(full, 3, HOUR)).isInstanceOf(Acquired.class);
		assertThat(acquire(full, 4, HOUR)).isInstanceOf(Acquired.class);
		assertThatExceptionOfType(StoreFullException.class).isThrownBy(() -> acquire(full, 5, HOUR));
		assertThat(acquire(full, 0, HOUR)).isInstanceOf(Completed.class);
	}

	@Test
	void expiredRecordOfSameKeyTakesNoFurtherPlace() {
		MemoryIdempotencyStore full = full(1);
		advance(Duration.ofMinutes(1));
		assertThat(full.acquire(Lease.of(key(0)), Fingerprint.ANY, HOUR)).isInstanceOf(Acquired.class);
		assertThatExceptionOfType(StoreFullException.class).isThrownBy(() -> acquire(full, 1, HOUR));
	}

	// O1
	@Test
	void purgeSaysHowManyRecordsItRemoved() {
		MemoryIdempotencyStore full = full(5);
		assertThat(full.purgeExpired()).isZero();
		full.complete(lease(0), new ResponseNotStored(), Expiry.after(Duration.ofMinutes(2)));
		full.complete(lease(1), new ResponseNotStored(), Expiry.never());
		advance(Duration.ofMinutes(1));
		assertThat(full.purgeExpired()).isEqualTo(3);
		assertThat(full.purgeExpired()).isZero();
		advance(Duration.ofMinutes(1));
		assertThat(full.purgeExpired()).isEqualTo(1);
		assertThat(acquire(full, 1, HOUR)).isInstanceOf(Completed.class);
	}

	// O4
	@Test
	void countNeitherGrowsNorShrinksUnderConcurrency() throws Exception {
		int keys = 20;
		MemoryIdempotencyStore busy = new MemoryIdempotencyStore(keys, this.now::get);
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			List<Future<?>> workers = new ArrayList<>();
			for (int thread = 0; thread < 8; thread++) {
				workers.add(threads.submit(() -> workOn(busy, keys)));
			}
			for (Future<?> worker : workers) {
				worker.get();
			}
		}
		finally {
			threads.shutdownNow();
		}
		advance(Duration.ofDays(1));
		busy.purgeExpired();
		for (int i = 0; i < keys; i++) {
			assertThat(acquire(busy, i, HOUR)).isInstanceOf(Acquired.class);
		}
		assertThatExceptionOfType(StoreFullException.class).isThrownBy(() -> acquire(busy, keys, HOUR));
	}

	private void workOn(MemoryIdempotencyStore busy, int keys) {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		for (int i = 0; i < 20_000; i++) {
			Lease lease = Lease.of(key(random.nextInt(keys + 5)));
			try {
				if (busy.acquire(lease, Fingerprint.ANY, MINUTE) instanceof Acquired) {
					if (random.nextInt(10) > 0) {
						busy.release(lease);
					}
					else if (random.nextBoolean()) {
						busy.complete(lease, new ResponseNotStored(), Expiry.after(Duration.ofSeconds(30)));
					}
				}
			}
			catch (StoreFullException full) {
				advance(Duration.ofSeconds(2));
			}
			if (random.nextInt(100) == 0) {
				busy.purgeExpired();
			}
		}
	}

	@Test
	void systemTimeEndsLease() {
		MemoryIdempotencyStore real = new MemoryIdempotencyStore(10);
		real.acquire(lease(0), Fingerprint.ANY, new LeaseTerms(Duration.ofMillis(20), null));
		await().until(() -> real.acquire(Lease.of(key(0)), Fingerprint.ANY, HOUR) instanceof Acquired);
	}

	@Test
	void refusesToHoldNothing() {
		assertThatIllegalArgumentException().isThrownBy(() -> new MemoryIdempotencyStore(0));
	}

	/**
	 * Returns a store that is full, with leases of a minute.
	 */
	private MemoryIdempotencyStore full(int maxEntries) {
		MemoryIdempotencyStore full = new MemoryIdempotencyStore(maxEntries, this.now::get);
		for (int i = 0; i < maxEntries; i++) {
			assertThat(full.acquire(lease(i), Fingerprint.ANY, MINUTE)).isInstanceOf(Acquired.class);
		}
		return full;
	}

	private static Acquisition acquire(IdempotencyStore store, int key, LeaseTerms terms) {
		return store.acquire(Lease.of(key(key)), Fingerprint.ANY, terms);
	}

	private static Lease lease(int key) {
		return new Lease(key(key), "owner");
	}

	private static RecordKey key(int number) {
		return new RecordKey("%064x".formatted(number));
	}

}
