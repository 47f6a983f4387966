package io.idempotency.memory;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;

import io.idempotency.store.Acquisition;
import io.idempotency.store.Acquisition.Acquired;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredResponse;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Options;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;

/**
 * What {@link MemoryStoreLinearizabilityTests} runs in a JVM of its own. Time does not
 * pass, since each call reads the clock before its atomic step.
 */
final class MemoryStoreCalls {

	private MemoryStoreCalls() {
	}

	/**
	 * Fails if there are answers that no order of the calls explains.
	 * @param arguments how many sets of calls to try
	 */
	public static void main(String[] arguments) {
		int scenarios = Integer.parseInt(arguments[0]);
		check(scenarios, new StressOptions().invocationsPerIteration(300), OneRecord.class);
		check(scenarios, new StressOptions().invocationsPerIteration(300), TwoRecords.class);
		check(scenarios, new ModelCheckingOptions().invocationsPerIteration(60), OneRecord.class);
	}

	private static void check(int scenarios, Options<?, ?> options, Class<?> calls) {
		long start = System.nanoTime();
		options.iterations(scenarios).threads(2).actorsPerThread(3).actorsBefore(2).actorsAfter(2).check(calls);
		System.out.printf("Linearizability: %s scenarios of %s with %s, %.1f s%n", scenarios, calls.getSimpleName(),
				options.getClass().getSimpleName(), (System.nanoTime() - start) / 1e9);
	}

	/**
	 * The calls that threads make. What they need is made beforehand, since Lincheck
	 * looks at every step that it does not know.
	 */
	abstract static class Calls {

		private static final LeaseTerms TERMS = new LeaseTerms(Duration.ofSeconds(30), null);

		private static final List<RecordKey> KEYS = IntStream.range(0, 3)
			.mapToObj((key) -> new RecordKey(Integer.toString(key).repeat(64)))
			.toList();

		private static final List<List<Lease>> LEASES = KEYS.stream()
			.map((key) -> IntStream.range(0, 4).mapToObj((owner) -> new Lease(key, "owner " + owner)).toList())
			.toList();

		private static final List<Fingerprint> FINGERPRINTS = KEYS.stream()
			.map((key) -> new Fingerprint(key.hex()))
			.toList();

		private static final List<StoredResponse> OUTCOMES = IntStream.range(0, 4)
			.mapToObj((owner) -> new StoredResponse(200 + owner, List.of(), new byte[0]))
			.toList();

		private final MemoryIdempotencyStore store = new MemoryIdempotencyStore(100, 1L << 20, () -> Instant.EPOCH);

		Acquisition acquisition(int key, int owner) {
			return this.store.acquire(LEASES.get(key).get(owner), FINGERPRINTS.get(key), TERMS);
		}

		boolean isRenewed(int key, int owner) {
			return this.store.renew(LEASES.get(key).get(owner), TERMS);
		}

		boolean isCompleted(int key, int owner) {
			return this.store.complete(LEASES.get(key).get(owner), OUTCOMES.get(owner), Expiry.never());
		}

		boolean isReleased(int key, int owner) {
			return this.store.release(LEASES.get(key).get(owner));
		}

		boolean isRemoved(int key) {
			return this.store.remove(KEYS.get(key));
		}

		Object found(int key) {
			Acquisition found = this.store.find(KEYS.get(key)).map(StoredRecord::content).orElse(null);
			return (found != null) ? found : "free";
		}

	}

	/**
	 * Fencing tokens are compared as well.
	 */
	@Param(name = "owner", gen = IntGen.class, conf = "1:3")
	public static class OneRecord extends Calls {

		@Operation
		public Acquisition acquire(@Param(name = "owner") int owner) {
			return acquisition(0, owner);
		}

		@Operation
		public boolean renew(@Param(name = "owner") int owner) {
			return isRenewed(0, owner);
		}

		@Operation
		public boolean complete(@Param(name = "owner") int owner) {
			return isCompleted(0, owner);
		}

		@Operation
		public boolean release(@Param(name = "owner") int owner) {
			return isReleased(0, owner);
		}

		@Operation
		public boolean remove() {
			return isRemoved(0);
		}

		@Operation
		public Object find() {
			return found(0);
		}

	}

	/**
	 * Fencing tokens grow for each record, and are in no order between records.
	 */
	@Param(name = "key", gen = IntGen.class, conf = "1:2")
	@Param(name = "owner", gen = IntGen.class, conf = "1:2")
	public static class TwoRecords extends Calls {

		@Operation
		public Object acquire(@Param(name = "key") int key, @Param(name = "owner") int owner) {
			Acquisition acquisition = acquisition(key, owner);
			return (acquisition instanceof Acquired) ? "acquired" : acquisition;
		}

		@Operation
		public boolean renew(@Param(name = "key") int key, @Param(name = "owner") int owner) {
			return isRenewed(key, owner);
		}

		@Operation
		public boolean complete(@Param(name = "key") int key, @Param(name = "owner") int owner) {
			return isCompleted(key, owner);
		}

		@Operation
		public boolean release(@Param(name = "key") int key, @Param(name = "owner") int owner) {
			return isReleased(key, owner);
		}

		@Operation
		public boolean remove(@Param(name = "key") int key) {
			return isRemoved(key);
		}

		@Operation
		public Object find(@Param(name = "key") int key) {
			return found(key);
		}

	}

}
