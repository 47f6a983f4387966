package io.idempotency.engine;

import java.util.function.Function;

import io.idempotency.engine.SimulatedPayments.Trouble;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.StoredRecord;
import io.idempotency.store.StoredStep;
import io.idempotency.testing.DelegatingStore;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

/**
 * The engine in a world in which everything that can go wrong does, in any order:
 * {@code -Dsimulation.seeds} says how many courses of events, and
 * {@code -Dsimulation.seed} takes one, as a failure prints it.
 */
@Tag("quick")
class SimulationTests {

	private static final int SEEDS = Integer.getInteger("simulation.seeds", 1000);

	/**
	 * Within how many seeds a mistake that was made on purpose has to be found.
	 */
	private static final int SEEDS_FOR_PLANTED = 200;

	private static final @Nullable Long ONLY = Long.getLong("simulation.seed");

	@BeforeAll
	static void silence() {
		logAt(LogLevel.OFF);
	}

	@AfterAll
	static void speak() {
		logAt(null);
	}

	private static void logAt(@Nullable LogLevel level) {
		LoggingSystem.get(SimulationTests.class.getClassLoader()).setLogLevel("io.idempotency.engine", level);
	}

	@ParameterizedTest
	@EnumSource
	void keepsItsPromises(Trouble trouble) {
		long start = System.nanoTime();
		if (ONLY != null) {
			run(ONLY, trouble);
			return;
		}
		for (long seed = 1; seed <= SEEDS; seed++) {
			run(seed, trouble);
		}
		System.out.printf("Simulation: %s seeds of %s trouble, %.0f per second%n", SEEDS, trouble,
				SEEDS * 1e9 / (System.nanoTime() - start));
	}

	private static void run(long seed, Trouble trouble) {
		try {
			new SimulatedPayments(seed, trouble, Function.identity(), 1).run();
		}
		catch (AssertionError ex) {
			fail("-Dsimulation.seed=" + seed + " with " + trouble + " trouble: " + ex.getMessage(), ex);
		}
	}

	@ParameterizedTest
	@EnumSource
	void sameSeedIsSameCourseOfEvents(Trouble trouble) {
		for (long seed = 1; seed <= 20; seed++) {
			long first = new SimulatedPayments(seed, trouble, Function.identity(), 1).run();
			long second = new SimulatedPayments(seed, trouble, Function.identity(), 1).run();
			assertThat(second).as("seed %s", seed).isEqualTo(first);
		}
	}

	@Test
	void findsLeasesThatAreRenewedTooLate() {
		assertFound(Function.identity(), 8);
	}

	@Test
	void findsReleaseThatRemovesWhatIsCompleted() {
		assertFound((store) -> new DelegatingStore(store) {

			@Override
			public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
				boolean completed = super.complete(lease, outcome, expiry);
				remove(lease.key());
				return completed;
			}

		}, 1);
	}

	@Test
	void findsReleaseThatDoesNotLookWhoseRecordItIs() {
		assertFound((store) -> new DelegatingStore(store) {

			@Override
			public boolean release(Lease lease) {
				return find(lease.key()).map(StoredRecord::content)
					.filter(Acquisition.InProgress.class::isInstance)
					.isPresent() && remove(lease.key());
			}

		}, 1);
	}

	@Test
	void findsStepThatIsConfirmedAndNotKept() {
		assertFound((store) -> new DelegatingStore(store) {

			private int calls;

			@Override
			public boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
				return this.calls++ % 10 == 9 || super.storeStep(lease, step, expiry);
			}

		}, 1);
	}

	@Test
	void findsStoreThatLetsTwoAcquire() {
		assertFound((store) -> new DelegatingStore(store) {

			private int calls;

			@Override
			public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
				Acquisition acquisition = super.acquire(lease, fingerprint, terms);
				return (acquisition instanceof Acquisition.InProgress && this.calls++ % 50 == 49)
						? new Acquisition.Acquired(1) : acquisition;
			}

		}, 1);
	}

	private static void assertFound(Function<IdempotencyStore, IdempotencyStore> planted, int slowness) {
		for (long seed = 1; seed <= SEEDS_FOR_PLANTED; seed++) {
			try {
				new SimulatedPayments(seed, Trouble.SHORT, planted, slowness).run();
			}
			catch (AssertionError ex) {
				System.out.printf("Simulation: found by seed %s: %s%n", seed, ex.getMessage());
				return;
			}
		}
		fail("It is not found within " + SEEDS_FOR_PLANTED + " seeds");
	}

}
