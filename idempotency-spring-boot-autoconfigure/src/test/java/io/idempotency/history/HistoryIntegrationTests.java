package io.idempotency.history;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import io.idempotency.history.Answer.Acquired;
import io.idempotency.history.Answer.Done;
import io.idempotency.history.Answer.Seen;
import io.idempotency.history.Answer.State;
import io.idempotency.history.Answer.Unknown;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.testing.LocalServer;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.logging.LogLevel;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.web.context.servlet.AnnotationConfigServletWebApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Real stores keep their promises to several instances while connections break, messages
 * are late, and servers stop and die. {@code -Dhistory.seconds} says for how long, and
 * {@code -Dhistory.seed} in which order; 0 takes any. Threads and networks are as fast as
 * they are, so that a seed makes a course of events likely, not certain.
 */
class HistoryIntegrationTests {

	private static final Duration TIME = Duration.ofSeconds(Long.getLong("history.seconds", 3));

	private static final long SEED = seed(Long.getLong("history.seed", 1));

	private static final int INSTANCES = 2;

	private static final int CLIENTS = 24;

	private static final List<String> NOISY = List.of("com.zaxxer.hikari", "io.lettuce", "org.postgresql",
			"org.mariadb", "io.idempotency");

	@TempDir
	private Path directory;

	private final Random random = new Random(SEED);

	private final Collection<Call> history = new ConcurrentLinkedQueue<>();

	private final List<String> faults = new ArrayList<>();

	private final Keys keys = new Keys();

	private final AtomicInteger owners = new AtomicInteger();

	private static long seed(long given) {
		return (given != 0) ? given : System.nanoTime();
	}

	@BeforeAll
	static void silence() {
		NOISY.forEach((name) -> logAt(name, LogLevel.OFF));
	}

	@AfterAll
	static void speak() {
		NOISY.forEach((name) -> logAt(name, null));
	}

	private static void logAt(String name, @Nullable LogLevel level) {
		LoggingSystem.get(HistoryIntegrationTests.class.getClassLoader()).setLogLevel(name, level);
	}

	@ParameterizedTest
	@EnumSource
	void storeKeepsItsPromises(FaultyServer.Kind kind) throws Exception {
		long start = System.nanoTime();
		List<ConfigurableApplicationContext> instances = new ArrayList<>();
		Faults faults;
		try (FaultyServer server = kind.start(this.directory);
				FaultyRelay relay = new FaultyRelay(server.port(), this.random.nextLong())) {
			try {
				List<RecordedStore> stores = new ArrayList<>();
				for (int i = 0; i < INSTANCES; i++) {
					ConfigurableApplicationContext instance = start(server, relay);
					instances.add(instance);
					stores.add(new RecordedStore(instance.getBean(IdempotencyStore.class), this.history));
				}
				faults = runClients(stores, server, relay);
				complete(stores);
			}
			finally {
				instances.forEach(ConfigurableApplicationContext::close);
			}
		}
		List<Call> calls = List.copyOf(this.history);
		System.out.printf(
				"History: %s calls to %s, %s without an answer, on %s records, %s faults of the network, %s, seed %s, %.0f s%n",
				calls.size(), kind, calls.stream().filter((call) -> call.answer() instanceof Unknown).count(),
				this.keys.count(), faults.ofNetwork(), faults.ofServer(), SEED, (System.nanoTime() - start) / 1e9);
		List<Violation> violations = new HistoryChecker(RecordedStore.LEASE).check(calls);
		assertThat(violations.stream().limit(10))
			.as(() -> "-Dhistory.seed=%s, %s violations; all calls on their records are in %s".formatted(SEED,
					violations.size(), write(kind, calls, violations)))
			.isEmpty();
	}

	/**
	 * What went before a violation tells more than the calls that show it, and a seed may
	 * not bring it back.
	 */
	private Path write(FaultyServer.Kind kind, List<Call> calls, List<Violation> violations) {
		Set<Integer> broken = violations.stream()
			.flatMap((violation) -> violation.calls().stream())
			.map(Call::key)
			.collect(Collectors.toSet());
		List<String> lines = new ArrayList<>(this.faults);
		calls.stream()
			.filter((call) -> broken.contains(call.key()))
			.sorted(Comparator.comparingLong(Call::start))
			.map(Call::toString)
			.forEach(lines::add);
		try {
			return Files.write(Path.of("target", "history-" + kind + ".txt"), lines).toAbsolutePath();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static ConfigurableApplicationContext start(FaultyServer server, FaultyRelay relay) {
		AnnotationConfigServletWebApplicationContext context = new AnnotationConfigServletWebApplicationContext();
		TestPropertyValues.of(server.properties(relay.port())).applyTo(context);
		context.register(server.configuration());
		context.refresh();
		return context;
	}

	private Faults runClients(List<RecordedStore> stores, FaultyServer server, FaultyRelay relay) throws Exception {
		CountDownLatch over = new CountDownLatch(1);
		ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
		List<Future<?>> clients = new ArrayList<>();
		for (int i = 0; i < CLIENTS; i++) {
			clients.add(threads.submit(new Client(stores.get(i % INSTANCES), this.keys, this.owners,
					new Random(this.random.nextLong()), over)));
		}
		try {
			return makeTrouble(server, relay);
		}
		finally {
			over.countDown();
			threads.shutdown();
			for (Future<?> client : clients) {
				client.get(LocalServer.PATIENCE.toSeconds(), TimeUnit.SECONDS);
			}
		}
	}

	/**
	 * Lets each thing happen to the server, in any order, as often as there is time.
	 */
	private Faults makeTrouble(FaultyServer server, FaultyRelay relay) {
		long end = System.nanoTime() + TIME.toNanos();
		List<ServerFault> happened = new ArrayList<>();
		relay.beFaulty(true);
		do {
			List<ServerFault> next = new ArrayList<>(List.of(ServerFault.values()));
			Collections.shuffle(next, this.random);
			for (ServerFault fault : next) {
				letPass(Duration.ofMillis(200 + this.random.nextInt(600)));
				Duration time = Duration.ofMillis(this.random.nextInt(fault.longestMillis));
				long began = System.nanoTime();
				switch (fault) {
					case PAUSE -> server.pausedDuring(() -> letPass(time));
					case KILL -> server.deadDuring(() -> letPass(time));
					case CUT -> relay.cut();
				}
				happened.add(fault);
				this.faults.add(fault + " from " + began + " to " + System.nanoTime());
			}
		}
		while (System.nanoTime() - end < 0);
		letPass(Duration.ofMillis(300));
		relay.beFaulty(false);
		return new Faults(relay.faults(), happened);
	}

	private static void letPass(Duration time) {
		long end = System.nanoTime() + time.toNanos();
		eventually().until(() -> System.nanoTime() - end >= 0);
	}

	/**
	 * Completes what is not completed, and lets every instance look at every record.
	 */
	private void complete(List<RecordedStore> stores) {
		RecordedStore store = stores.get(0);
		for (int i = 1; i <= this.keys.count(); i++) {
			int key = i;
			if (!isCompleted(store.find(key))) {
				int owner = this.owners.incrementAndGet();
				eventually().until(() -> {
					Answer answer = store.acquire(key, owner);
					return isCompleted(answer) || (answer instanceof Acquired
							&& store.complete(key, owner) instanceof Done done && done.done());
				});
			}
			for (RecordedStore each : stores) {
				eventually().until(() -> !(each.find(key) instanceof Unknown));
			}
		}
	}

	private static boolean isCompleted(Answer answer) {
		return answer instanceof Seen seen && seen.state() == State.COMPLETED;
	}

	private static ConditionFactory eventually() {
		return await().atMost(LocalServer.PATIENCE).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(10));
	}

	/**
	 * What may happen to a server.
	 */
	private enum ServerFault {

		PAUSE(1500), KILL(300), CUT(1);

		private final int longestMillis;

		ServerFault(int longestMillis) {
			this.longestMillis = longestMillis;
		}

	}

	/**
	 * What has happened.
	 */
	private record Faults(int ofNetwork, List<ServerFault> happened) {

		String ofServer() {
			return this.happened.stream()
				.collect(Collectors.groupingBy((fault) -> fault, TreeMap::new, Collectors.counting()))
				.toString();
		}

	}

}
