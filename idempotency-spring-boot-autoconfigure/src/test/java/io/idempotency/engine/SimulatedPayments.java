package io.idempotency.engine;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

import io.idempotency.engine.SimulatedStore.Network;
import io.idempotency.engine.SimulatedStore.Server;
import io.idempotency.engine.Simulation.Instance;
import io.idempotency.store.Expiry;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredStep;

/**
 * Clients that send and repeat requests to several instances of an application, which
 * share a store.
 */
final class SimulatedPayments {

	private static final Duration LEASE = Duration.ofSeconds(30);

	private static final Duration LONGEST = Duration.ofHours(2);

	private static final Fingerprint FINGERPRINT = new Fingerprint("1".repeat(64));

	private static final int KEYS = 4;

	private static final int INSTANCES = 3;

	private static final int CLIENTS_PER_KEY = 3;

	private static final int MOST_ATTEMPTS = 60;

	/**
	 * Of each handler.
	 */
	private static final int STEPS = 2;

	private final Simulation simulation;

	private final Random random;

	private final Trouble trouble;

	private final Server server;

	private final List<Node> nodes = new ArrayList<>();

	/**
	 * How often the handler returned, by key.
	 */
	private final Map<RecordKey, Integer> charges = new HashMap<>();

	/**
	 * Whose handler runs now, by key.
	 */
	private final Map<RecordKey, Integer> running = new HashMap<>();

	private final Map<RecordKey, StoredResponse> replayed = new HashMap<>();

	/**
	 * The steps that a store has said that it keeps, by key.
	 */
	private final Map<RecordKey, List<StoredStep>> kept = new HashMap<>();

	/**
	 * The steps that an attempt was given, by key.
	 */
	private final Map<RecordKey, List<StoredStep>> resumed = new HashMap<>();

	private int answered;

	private int responses;

	SimulatedPayments(long seed, Trouble trouble, Function<IdempotencyStore, IdempotencyStore> planted, int slowness) {
		this.simulation = new Simulation(seed);
		this.random = this.simulation.random();
		this.trouble = trouble;
		this.server = new Server(this.simulation, trouble.network, planted);
		for (int i = 0; i < INSTANCES; i++) {
			Instance instance = new Instance();
			this.nodes.add(new Node(instance,
					new IdempotencyEngine(new EngineSettings(LEASE, this.random.nextBoolean()),
							new IdempotencyListeners(List.of()), StoreObserver.NONE,
							this.simulation.scheduling(instance, slowness)),
					new SimulatedStore(this.simulation, instance, this.server)));
		}
	}

	/**
	 * Runs, and checks what has to hold.
	 * @return a number that tells one course of events from another
	 */
	long run() {
		for (int key = 0; key < KEYS; key++) {
			RecordKey record = new RecordKey(Integer.toHexString(key).repeat(64));
			for (int client = 0; client < CLIENTS_PER_KEY; client++) {
				this.simulation.schedule(upTo(Duration.ofSeconds(60)), null, () -> pay(record));
			}
		}
		if (this.trouble == Trouble.LONG) {
			makeTrouble();
		}
		this.simulation.run(LONGEST);
		checkEnd();
		return this.simulation.trace();
	}

	private void makeTrouble() {
		this.simulation.schedule(upTo(Duration.ofSeconds(60)), null,
				() -> this.server.awayUntil(this.simulation.now() + upTo(Duration.ofSeconds(90)).toNanos()));
		this.simulation.schedule(upTo(Duration.ofSeconds(60)), null,
				() -> node().instance().pauseUntil(this.simulation.now() + upTo(Duration.ofSeconds(90)).toNanos()));
		if (this.random.nextBoolean()) {
			this.simulation.schedule(upTo(Duration.ofSeconds(60)), null, () -> this.nodes.get(0).instance().kill());
		}
	}

	private Duration upTo(Duration most) {
		return Duration.ofNanos((long) (this.random.nextDouble() * most.toNanos()));
	}

	private Node node() {
		return this.nodes.get(this.random.nextInt(this.nodes.size()));
	}

	/**
	 * A client that repeats its request until it has an answer.
	 */
	private void pay(RecordKey key) {
		attempt(key, 1);
	}

	private void attempt(RecordKey key, int number) {
		Node node = node();
		if (node.instance().isKilled()) {
			again(key, number);
			return;
		}
		this.simulation.schedule(Duration.ZERO, node.instance(), () -> {
			boolean done = false;
			try {
				done = handle(node, key) && this.random.nextInt(10) > 0;
			}
			finally {
				if (done) {
					this.answered++;
				}
				else {
					again(key, number);
				}
			}
		});
	}

	private void again(RecordKey key, int number) {
		if (number < MOST_ATTEMPTS) {
			this.simulation.schedule(upTo(Duration.ofSeconds(8)), null, () -> attempt(key, number + 1));
		}
	}

	/**
	 * Returns whether the client gets the answer of the operation.
	 */
	private boolean handle(Node node, RecordKey key) {
		Claim claim = new Claim(node.store(), key, FINGERPRINT, Expiry.after(Duration.ofHours(24)), "POST /",
				Entry.HTTP);
		Attempt attempt = node.engine().begin(claim);
		for (int wait = 0; wait < 3 && attempt instanceof Attempt.InProgress; wait++) {
			Waiting waiting = node.engine().awaitChange(claim, Duration.ofSeconds(30), 100);
			if (waiting == null) {
				return false;
			}
			if (waiting.lookNow()) {
				attempt = node.engine().begin(claim);
				if (!(attempt instanceof Attempt.InProgress)) {
					waiting.change().cancel(false);
					break;
				}
			}
			this.simulation.await(waiting.change());
			attempt = node.engine().begin(claim);
		}
		if (attempt instanceof Attempt.Replay replay) {
			StoredResponse first = this.replayed.putIfAbsent(key, replay.response());
			check(first == null || first.equals(replay.response()), "A completed outcome has changed");
			return true;
		}
		if (attempt instanceof Attempt.Proceed proceed) {
			return run(proceed.execution(), key);
		}
		return false;
	}

	private boolean run(Execution execution, RecordKey key) {
		if (this.trouble == Trouble.SHORT) {
			check(!this.replayed.containsKey(key), "A handler runs after its key was completed");
			check(this.running.merge(key, 1, Integer::sum) == 1, "Two handlers run at once");
		}
		boolean stepsTaken = takeSteps(execution, key);
		this.simulation.sleep(upTo(Duration.ofSeconds((this.random.nextInt(4) == 0) ? 120 : 2)));
		this.running.merge(key, -1, Integer::sum);
		if (!stepsTaken || this.random.nextInt(3) == 0) {
			execution.release();
			return false;
		}
		this.charges.merge(key, 1, Integer::sum);
		execution.complete(response());
		return true;
	}

	/**
	 * What a store has said that it keeps is there in the next attempt, and what one
	 * attempt was given stays what it is, whoever else was paused.
	 * @return whether all are kept
	 */
	private boolean takeSteps(Execution execution, RecordKey key) {
		List<StoredStep> earlier = execution.steps();
		List<StoredStep> before = this.resumed.put(key, earlier);
		check(before == null || startsWith(earlier, before), "A step that was resumed has changed");
		check(this.trouble == Trouble.LONG || startsWith(earlier, this.kept.getOrDefault(key, List.of())),
				"A step that was kept is gone");
		List<StoredStep> all = new ArrayList<>(earlier);
		while (all.size() < STEPS) {
			this.simulation.sleep(upTo(Duration.ofSeconds((this.random.nextInt(4) == 0) ? 60 : 1)));
			StoredStep step = new StoredStep(all.size(), "step " + all.size(), "",
					Instant.ofEpochMilli(this.simulation.now() / 1_000_000 + this.responses++),
					new ResponseNotStored());
			try {
				execution.storeStep(step);
			}
			catch (RuntimeException ex) {
				return false;
			}
			all.add(step);
			this.kept.put(key, List.copyOf(all));
		}
		return true;
	}

	private static boolean startsWith(List<StoredStep> steps, List<StoredStep> first) {
		return steps.size() >= first.size() && steps.subList(0, first.size()).equals(first);
	}

	private StoredResponse response() {
		return new StoredResponse(201, List.of(), Integer.toString(this.responses++).getBytes(StandardCharsets.UTF_8));
	}

	private void checkEnd() {
		if (this.trouble == Trouble.SHORT) {
			this.charges.forEach((key, count) -> check(count == 1, count + " charges for one key"));
			check(this.answered == KEYS * CLIENTS_PER_KEY, this.answered + " clients have an answer");
		}
		for (Node node : this.nodes) {
			if (!node.instance().isKilled()) {
				check(node.engine().leasesHeld() == 0, "A lease is held at the end");
				check(node.engine().waiting() == 0, "Somebody waits at the end");
			}
		}
	}

	private static void check(boolean condition, String what) {
		if (!condition) {
			throw new AssertionError(what);
		}
	}

	/**
	 * What goes wrong.
	 */
	enum Trouble {

		/**
		 * Messages are delayed and repeated, but none for as long as it would take a
		 * lease to lapse: everything has to be right.
		 */
		SHORT(Network.GOOD),

		/**
		 * Messages are lost and come after a long time, the store is away, instances
		 * pause and die. Handlers may run twice; outcomes stay what they are, and
		 * everything comes to an end.
		 */
		LONG(Network.BAD);

		private final Network network;

		Trouble(Network network) {
			this.network = network;
		}

	}

	/**
	 * An instance of the application.
	 */
	private record Node(Instance instance, IdempotencyEngine engine, IdempotencyStore store) {
	}

}
