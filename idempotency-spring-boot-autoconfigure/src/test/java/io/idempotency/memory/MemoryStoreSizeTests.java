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
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoreFullException;
import io.idempotency.store.StoredResponse;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * O4: the bound in bytes.
 */
@Tag("quick")
class MemoryStoreSizeTests {

	private static final LeaseTerms MINUTE = new LeaseTerms(Duration.ofMinutes(1), null);

	private static final Expiry HOUR = Expiry.after(Duration.ofHours(1));

	private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);

	@Test
	void countsKeyFingerprintOwnerHeadersAndBody() {
		MemoryIdempotencyStore store = store(10_000);
		assertThat(store.usage().bytes()).isZero();
		store.acquire(lease(0), new Fingerprint("0".repeat(64)), MINUTE);
		long claim = store.usage().bytes();
		assertThat(claim).isBetween(64L + 64 + "owner".length(), 1000L);
		store.complete(lease(0),
				new StoredResponse(200, List.of(new StoredResponse.Header("X-Name", "v".repeat(500))), new byte[2000]),
				HOUR);
		assertThat(store.usage().bytes() - claim).isBetween(2506L, 3000L);
		assertThat(store.usage().entries()).isEqualTo(1);
		assertThat(store.usage().maxEntries()).isEqualTo(1000);
		assertThat(store.usage().maxBytes()).isEqualTo(10_000);
	}

	@Test
	void completesKeyWithoutResponseThatDoesNotFit() {
		MemoryIdempotencyStore store = store(10_000);
		complete(store, 0, response(6000));
		complete(store, 1, response(6000));
		assertThat(outcome(store, 0)).isEqualTo(response(6000));
		assertThat(outcome(store, 1)).isEqualTo(new ResponseNotStored());
		assertThat(store.usage().bytes()).isLessThan(10_000);
	}

	@Test
	void storesSmallerResponseAfterOneThatDidNotFit() {
		MemoryIdempotencyStore store = store(10_000);
		complete(store, 0, response(20_000));
		complete(store, 1, response(6000));
		assertThat(outcome(store, 0)).isEqualTo(new ResponseNotStored());
		assertThat(outcome(store, 1)).isEqualTo(response(6000));
	}

	@Test
	void removesExpiredRecordsForResponse() {
		MemoryIdempotencyStore store = store(10_000);
		complete(store, 0, response(6000));
		advance(Duration.ofMinutes(59));
		assertThat(store.acquire(lease(1), Fingerprint.ANY, new LeaseTerms(Duration.ofMinutes(5), null)))
			.isInstanceOf(Acquired.class);
		advance(Duration.ofMinutes(1));
		assertThat(store.complete(lease(1), response(6000), HOUR)).isTrue();
		assertThat(outcome(store, 1)).isEqualTo(response(6000));
		assertThat(store.usage().entries()).isEqualTo(1);
	}

	@Test
	void completesClaimsThatFillTheStore() {
		MemoryIdempotencyStore store = store(3000);
		int claims = fill(store);
		assertThat(claims).isBetween(3, 10);
		for (int key = 0; key < claims; key++) {
			assertThat(store.complete(lease(key), response(10), HOUR)).isTrue();
			assertThat(outcome(store, key)).isInstanceOf(Outcome.class);
		}
		assertThat(store.usage().bytes()).isLessThanOrEqualTo(3000);
	}

	// O8
	@Test
	void refusesNewKeyWhenFull() {
		MemoryIdempotencyStore store = store(3000);
		int claims = fill(store);
		assertThatExceptionOfType(StoreFullException.class).isThrownBy(() -> acquire(store, claims))
			.withMessageContaining("idempotency.memory.max-size");
		assertThat(store.usage().entries()).isEqualTo(claims);
		assertThat(store.release(lease(0))).isTrue();
		assertThat(acquire(store, claims)).isInstanceOf(Acquired.class);
	}

	@Test
	void takesNewKeyWhenRecordsHaveExpired() {
		MemoryIdempotencyStore store = store(3000);
		int claims = fill(store);
		advance(Duration.ofMinutes(1));
		assertThat(acquire(store, claims)).isInstanceOf(Acquired.class);
		assertThat(store.usage().entries()).isEqualTo(1);
	}

	@Test
	void forgetsSizeOfResponseWhoseKeyIsTakenAgain() {
		MemoryIdempotencyStore store = store(10_000);
		complete(store, 0, response(6000));
		advance(Duration.ofHours(1));
		assertThat(acquire(store, 0)).isInstanceOf(Acquired.class);
		assertThat(store.usage().bytes()).isLessThan(1000);
	}

	@Test
	void forgetsSizeOfRemovedRecords() {
		MemoryIdempotencyStore store = store(100_000);
		complete(store, 0, response(6000));
		acquire(store, 1);
		store.remove(key(0));
		store.remove(key(1));
		assertThat(store.usage().entries()).as("one is there for its owner").isEqualTo(1);
		advance(Duration.ofHours(1));
		store.purgeExpired();
		assertThat(store.usage().entries()).isZero();
		assertThat(store.usage().bytes()).isZero();
	}

	@Test
	void repeatedCompletionIsCountedOnce() {
		MemoryIdempotencyStore store = store(10_000);
		complete(store, 0, response(3000));
		long bytes = store.usage().bytes();
		assertThat(store.complete(lease(0), response(3000), HOUR)).isTrue();
		assertThat(store.usage().bytes()).isEqualTo(bytes);
	}

	@Test
	void bytesNeitherGrowNorShrinkUnderConcurrency() throws Exception {
		MemoryIdempotencyStore busy = store(20_000);
		ExecutorService threads = Executors.newFixedThreadPool(8);
		try {
			List<Future<?>> workers = new ArrayList<>();
			for (int thread = 0; thread < 8; thread++) {
				workers.add(threads.submit(() -> workOn(busy)));
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
		assertThat(busy.usage().entries()).isZero();
		assertThat(busy.usage().bytes()).isZero();
	}

	private void workOn(MemoryIdempotencyStore busy) {
		ThreadLocalRandom random = ThreadLocalRandom.current();
		for (int i = 0; i < 20_000; i++) {
			Lease lease = new Lease(key(random.nextInt(25)), "%020d".formatted(random.nextInt(1000)));
			try {
				if (busy.acquire(lease, Fingerprint.ANY, MINUTE) instanceof Acquired) {
					int next = random.nextInt(10);
					if (next < 4) {
						busy.release(lease);
					}
					else if (next < 8) {
						busy.complete(lease, response(random.nextInt(3000)), Expiry.after(Duration.ofSeconds(30)));
					}
					else {
						busy.remove(lease.key());
					}
				}
			}
			catch (StoreFullException full) {
				advance(Duration.ofSeconds(2));
			}
			assertThat(busy.usage().bytes()).isBetween(0L, 20_000L);
			if (random.nextInt(100) == 0) {
				busy.purgeExpired();
			}
		}
	}

	@Test
	void takesTenthOfHeapUnlessTold() {
		assertThat(new MemoryIdempotencyStore(10).usage().maxBytes()).isEqualTo(Runtime.getRuntime().maxMemory() / 10);
	}

	@Test
	void refusesToHoldNothing() {
		assertThatIllegalArgumentException().isThrownBy(() -> new MemoryIdempotencyStore(10, 0));
	}

	private MemoryIdempotencyStore store(long maxBytes) {
		return new MemoryIdempotencyStore(1000, maxBytes, this.now::get);
	}

	private void advance(Duration duration) {
		this.now.updateAndGet((instant) -> instant.plus(duration));
	}

	/**
	 * Acquires keys until there is no room.
	 * @return how many
	 */
	private int fill(MemoryIdempotencyStore store) {
		int claims = 0;
		try {
			while (true) {
				acquire(store, claims);
				claims++;
			}
		}
		catch (StoreFullException full) {
			return claims;
		}
	}

	private static Acquisition acquire(MemoryIdempotencyStore store, int key) {
		return store.acquire(lease(key), Fingerprint.ANY, MINUTE);
	}

	private static void complete(MemoryIdempotencyStore store, int key, Outcome outcome) {
		assertThat(acquire(store, key)).isInstanceOf(Acquired.class);
		assertThat(store.complete(lease(key), outcome, HOUR)).isTrue();
	}

	private static Outcome outcome(MemoryIdempotencyStore store, int key) {
		Acquisition acquisition = store.acquire(Lease.of(key(key)), Fingerprint.ANY, MINUTE);
		assertThat(acquisition).isInstanceOf(Completed.class);
		return ((Completed) acquisition).outcome();
	}

	private static StoredResponse response(int length) {
		return new StoredResponse(200, List.of(), new byte[length]);
	}

	private static Lease lease(int key) {
		return new Lease(key(key), "owner");
	}

	private static RecordKey key(int number) {
		return new RecordKey("%064x".formatted(number));
	}

}
