package io.idempotency.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import io.idempotency.engine.Simulation.Instance;
import io.idempotency.engine.Simulation.Killed;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.store.Acquisition;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.Lease;
import io.idempotency.store.LeaseTerms;
import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredStep;

/**
 * A store behind a network that delays, loses and repeats what goes over it, as one
 * instance sees it.
 */
final class SimulatedStore implements IdempotencyStore {

	static final Duration TIMEOUT = Duration.ofSeconds(2);

	private final Simulation simulation;

	private final Instance instance;

	private final Server server;

	SimulatedStore(Simulation simulation, Instance instance, Server server) {
		this.simulation = simulation;
		this.instance = instance;
		this.server = server;
	}

	private <T> T call(Function<IdempotencyStore, T> call) {
		if (this.instance.isKilled()) {
			throw new Killed();
		}
		Network network = this.server.network;
		boolean arrives = !network.loses(this.simulation);
		Duration there = network.delay(this.simulation);
		if (arrives && there.compareTo(TIMEOUT) >= 0) {
			// It is carried out when nobody waits for the answer any more.
			this.simulation.schedule(there, null, () -> carryOut(call));
		}
		if (!arrives || there.compareTo(TIMEOUT) >= 0) {
			return timeOut(TIMEOUT);
		}
		this.simulation.sleep(there);
		if (this.server.isAway(this.simulation)) {
			return timeOut(TIMEOUT.minus(there));
		}
		T answer = call.apply(this.server.records);
		if (network.repeats(this.simulation)) {
			this.simulation.sleep(network.delay(this.simulation));
			carryOut(call);
		}
		Duration back = network.delay(this.simulation);
		if (network.loses(this.simulation) || there.plus(back).compareTo(TIMEOUT) >= 0) {
			return timeOut(TIMEOUT.minus(there));
		}
		this.simulation.sleep(back);
		return answer;
	}

	/**
	 * Carries out a call whose answer nobody gets.
	 */
	private <T> void carryOut(Function<IdempotencyStore, T> call) {
		T unused = call.apply(this.server.records);
	}

	private <T> T timeOut(Duration left) {
		this.simulation.sleep(left);
		throw new IllegalStateException("The store does not answer");
	}

	@Override
	public Acquisition acquire(Lease lease, Fingerprint fingerprint, LeaseTerms terms) {
		return call((records) -> records.acquire(lease, fingerprint, terms));
	}

	@Override
	public boolean renew(Lease lease, LeaseTerms terms) {
		return call((records) -> records.renew(lease, terms));
	}

	@Override
	public Map<Lease, CompletionStage<Boolean>> renewAll(Collection<Lease> leases, LeaseTerms terms) {
		Map<Lease, Boolean> answers = call((records) -> {
			Map<Lease, Boolean> renewed = new LinkedHashMap<>();
			leases.forEach((lease) -> renewed.put(lease, records.renew(lease, terms)));
			return renewed;
		});
		Map<Lease, CompletionStage<Boolean>> stages = new LinkedHashMap<>();
		answers.forEach((lease, held) -> stages.put(lease, CompletableFuture.completedFuture(held)));
		return stages;
	}

	@Override
	public boolean complete(Lease lease, Outcome outcome, Expiry expiry) {
		return call((records) -> records.complete(lease, outcome, expiry));
	}

	@Override
	public boolean release(Lease lease) {
		return call((records) -> records.release(lease));
	}

	@Override
	public boolean storeStep(Lease lease, StoredStep step, Expiry expiry) {
		return call((records) -> records.storeStep(lease, step, expiry));
	}

	@Override
	public Registration onChange(RecordKey key, Runnable hint) {
		return call((records) -> records.onChange(key, () -> {
			if (!this.server.network.loses(this.simulation)) {
				this.simulation.schedule(this.server.network.delay(this.simulation), this.instance, hint);
			}
		}));
	}

	@Override
	public String toString() {
		return "simulated store";
	}

	/**
	 * The server with the records.
	 */
	static final class Server {

		private final IdempotencyStore records;

		private final Network network;

		private long awayUntil;

		/**
		 * Creates a server.
		 * @param planted changes how the records are kept, if it is to be wrong
		 */
		Server(Simulation simulation, Network network, Function<IdempotencyStore, IdempotencyStore> planted) {
			Instant start = Instant.EPOCH;
			this.records = planted.apply(new MemoryIdempotencyStore(100_000, () -> start.plusNanos(simulation.now())));
			this.network = network;
		}

		IdempotencyStore records() {
			return this.records;
		}

		void awayUntil(long time) {
			this.awayUntil = time;
		}

		private boolean isAway(Simulation simulation) {
			return simulation.now() < this.awayUntil;
		}

	}

	/**
	 * How bad a network is.
	 *
	 * @param slowInThousand how many of a thousand messages take long
	 * @param slow how long those may take
	 * @param lostInThousand how many of a thousand are lost
	 * @param repeatedInThousand how many of a thousand come twice
	 */
	record Network(int slowInThousand, Duration slow, int lostInThousand, int repeatedInThousand) {

		static final Network GOOD = new Network(20, Duration.ofMillis(200), 0, 100);

		static final Network BAD = new Network(50, Duration.ofSeconds(20), 30, 100);

		private Duration delay(Simulation simulation) {
			boolean isSlow = simulation.random().nextInt(1000) < this.slowInThousand;
			long most = isSlow ? this.slow.toNanos() : Duration.ofMillis(3).toNanos();
			return Duration.ofNanos((long) (simulation.random().nextDouble() * most));
		}

		private boolean loses(Simulation simulation) {
			return simulation.random().nextInt(1000) < this.lostInThousand;
		}

		private boolean repeats(Simulation simulation) {
			return simulation.random().nextInt(1000) < this.repeatedInThousand;
		}

	}

}
