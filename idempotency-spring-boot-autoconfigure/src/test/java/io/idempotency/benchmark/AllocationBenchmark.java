package io.idempotency.benchmark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

import io.idempotency.benchmark.ServerThreads.Cost;
import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Measures how many bytes a request makes the server allocate, and how long it keeps a
 * processor busy: on Tomcat, with {@code idempotency.enabled=false}, with the store in
 * memory, with Redis, and with PostgreSQL. It is not a part of the build and asserts
 * nothing about what it measures. To run it:
 *
 * <pre>
 * mvn -q test -pl idempotency-spring-boot-autoconfigure -Dtest=AllocationBenchmark
 * </pre>
 *
 * With {@code -Dbenchmark.jfr=true} it also writes a flight recording for each line of
 * the table to {@code target/benchmark}, and prints which code of the starter allocates
 * most. These figures come from samples, one for each allocation buffer that is full, so
 * make the buffers small and let large arrays fill them too:
 *
 * <pre>
 * JAVA_TOOL_OPTIONS="-XX:TLABSize=128k -XX:-ResizeTLAB -XX:TLABRefillWasteFraction=1"
 * </pre>
 *
 * Other properties are {@code benchmark.rounds}, {@code benchmark.requests} for the
 * requests in a round, {@code benchmark.warm-up} for the rounds before,
 * {@code benchmark.clients}, {@code benchmark.handlers}, {@code benchmark.kinds} and
 * {@code benchmark.stores} for a part of the table, and {@code benchmark.sizes} for the
 * sizes of the bodies in KB, at most 100.
 * <p>
 * All applications get the same requests, so without the starter a replay is a request
 * that the handler answers. The handler that converts objects costs more than a replay;
 * the one that copies streams allocates nothing, so its lines show what the starter does.
 * The times vary with whatever else the machine does; those of Redis itself are not in
 * them. Several clients send at the same time, because a processor that has nothing to do
 * between two requests takes long to wake up, the longer the more time it had.
 */
class AllocationBenchmark {

	private static final int ROUNDS = Integer.getInteger("benchmark.rounds", 11);

	private static final int REQUESTS = Integer.getInteger("benchmark.requests", 2000);

	private static final int WARM_UP_ROUNDS = Integer.getInteger("benchmark.warm-up", 15);

	private static final int RECORDED_ROUNDS = 10;

	private static final boolean RECORD = Boolean.getBoolean("benchmark.jfr");

	private static final List<String> HANDLERS = List
		.of(System.getProperty("benchmark.handlers", "objects,streams").split(","));

	private static final List<StoreKind> STORES = Stream
		.of(System.getProperty("benchmark.stores", "MEMORY,REDIS,JDBC").split(","))
		.map(StoreKind::valueOf)
		.toList();

	private static final List<Integer> SIZES = Stream.of(System.getProperty("benchmark.sizes", "1").split(","))
		.map((kilobytes) -> 1024 * Integer.parseInt(kilobytes))
		.toList();

	private static final List<Kind> KINDS = Stream
		.of(System.getProperty("benchmark.kinds", "KEYLESS,FIRST,REPLAY").split(","))
		.map(Kind::valueOf)
		.toList();

	private static final List<Load> LOADS = HANDLERS.stream()
		.flatMap((handler) -> SIZES.stream()
			.flatMap((size) -> KINDS.stream().map((kind) -> new Load(handler, size, kind))))
		.toList();

	private static final String HEAD = """
			Bytes allocated per request, and microseconds of a processor: medians of %d pairs of rounds of %d requests

			| store  | handler | body   | request     |    bare | starter | spread |   added |   bare |   with | ratio |
			|--------|---------|--------|-------------|--------:|--------:|-------:|--------:|-------:|-------:|------:|
			""";

	private static final int CLIENTS = Integer.getInteger("benchmark.clients", 4);

	private static final String[] PROPERTIES = { "server.tomcat.threads.max=" + CLIENTS,
			"server.tomcat.threads.min-spare=" + CLIENTS, "server.tomcat.max-keep-alive-requests=-1" };

	private final AtomicInteger keys = new AtomicInteger();

	private final ThreadPoolExecutor clients = (ThreadPoolExecutor) Executors.newFixedThreadPool(CLIENTS);

	@AfterEach
	void stopClients() {
		this.clients.shutdownNow();
	}

	@Test
	void measureCostPerRequest() throws IOException {
		// The threads of clients must exist before those of the server are told apart.
		this.clients.prestartAllCoreThreads();
		StringBuilder table = new StringBuilder(HEAD.formatted(ROUNDS, REQUESTS));
		for (StoreKind store : STORES) {
			measure(store).forEach((load, figures) -> table.append(line(store, load, figures)));
		}
		System.out.println(table);
	}

	private Map<Load, Figures> measure(StoreKind store) throws IOException {
		ServerThreads threads = new ServerThreads();
		Map<Load, Figures> figures = new LinkedHashMap<>();
		try (Server bare = Server.start(store, threads, false); Server starter = Server.start(store, threads, true)) {
			for (Load load : LOADS) {
				rounds(bare, load, WARM_UP_ROUNDS);
				rounds(starter, load, WARM_UP_ROUNDS);
			}
			for (Load load : LOADS) {
				rounds(bare, load, 1);
				rounds(starter, load, 1);
				figures.put(load, Figures.of(pairs(bare, starter, load)));
				if (RECORD) {
					record(starter, load, store);
				}
			}
		}
		return figures;
	}

	/**
	 * What else the machine does concerns both requests of a pair.
	 */
	private List<Pair> pairs(Server bare, Server starter, Load load) throws IOException {
		List<Pair> pairs = new ArrayList<>();
		for (int i = 0; i < ROUNDS; i++) {
			pairs.add(new Pair(round(bare, load), round(starter, load)));
		}
		return pairs;
	}

	private void record(Server server, Load load, StoreKind store) throws IOException {
		try (AllocationBreakdown breakdown = new AllocationBreakdown(server.app().bean(AllocationDither.class))) {
			rounds(server, load, RECORDED_ROUNDS);
			System.out.println(breakdown.stop(load.recording(store), server.threads(), RECORDED_ROUNDS * REQUESTS));
		}
	}

	private List<Cost> rounds(Server server, Load load, int count) throws IOException {
		List<Cost> costs = new ArrayList<>();
		for (int i = 0; i < count; i++) {
			costs.add(round(server, load));
		}
		return costs;
	}

	/**
	 * Sends the requests of one round, and returns what all of them cost the server.
	 */
	private Cost round(Server server, Load load) throws IOException {
		server.app().context().getBeanProvider(MemoryIdempotencyStore.class).ifAvailable(MemoryIdempotencyStore::clear);
		byte[] body = Echo.body(load.size());
		byte[] request = request(load, body, newKey());
		if (load.kind() == Kind.REPLAY) {
			server.clients().get(0).send(request);
		}
		Echo echo = server.app().bean(Echo.class);
		int runsBefore = echo.runs();
		ServerThreads.Usage before = server.threads().usage();
		boolean replayed = server.enabled() && load.kind() == Kind.REPLAY;
		List<CompletableFuture<Void>> running = new ArrayList<>();
		for (KeepAliveClient client : server.clients()) {
			running.add(CompletableFuture.runAsync(() -> send(client, load, body, request, replayed), this.clients));
		}
		running.forEach(CompletableFuture::join);
		Cost cost = server.threads().usage().since(before);
		if (echo.runs() - runsBefore != (replayed ? 0 : REQUESTS)) {
			throw new IllegalStateException("The handler of " + load + " ran " + (echo.runs() - runsBefore) + " times");
		}
		return cost;
	}

	private void send(KeepAliveClient client, Load load, byte[] body, byte[] sameRequest, boolean replayed) {
		for (int i = 0; i < REQUESTS / CLIENTS; i++) {
			byte[] request = (load.kind() == Kind.FIRST) ? request(load, body, newKey()) : sameRequest;
			KeepAliveClient.Response response = answer(client, request);
			if (response.status() != 200 || response.replayed() != replayed || response.length() < load.size()) {
				throw new IllegalStateException("Not what " + load + " should be answered: " + response);
			}
		}
	}

	private static KeepAliveClient.Response answer(KeepAliveClient client, byte[] request) {
		try {
			return client.send(request);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns a key as long as those that clients send.
	 */
	private String newKey() {
		return "7c4a8d09-ca37-4623-9e5d-%012d".formatted(this.keys.incrementAndGet());
	}

	private static byte[] request(Load load, byte[] body, String key) {
		String head = "POST /" + load.handler() + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
				+ "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n"
				+ ((load.kind() != Kind.KEYLESS) ? "Idempotency-Key: " + key + "\r\n" : "") + "\r\n";
		ByteArrayOutputStream request = new ByteArrayOutputStream(head.length() + body.length);
		request.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
		request.writeBytes(body);
		return request.toByteArray();
	}

	private static String line(StoreKind store, Load load, Figures figures) {
		return "| %-6s | %-7s | %3d KB | %-11s | %7d | %7d | %6d | %7d | %6.1f | %6.1f | %5.2f |%n".formatted(store,
				load.handler(), load.size() / 1024, load.kind(), figures.bare(), figures.starter(), figures.spread(),
				figures.starter() - figures.bare(), figures.bareMicros(), figures.starterMicros(), figures.ratio());
	}

	/**
	 * What kind of request is sent.
	 */
	private enum Kind {

		KEYLESS("without key"), FIRST("first"), REPLAY("replay");

		private final String name;

		Kind(String name) {
			this.name = name;
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

	/**
	 * What is measured in one line of the table.
	 *
	 * @param handler the path of the handler
	 * @param size the size of the request's body and of the response's, in bytes
	 * @param kind what kind of request is sent
	 */
	private record Load(String handler, int size, Kind kind) {

		Path recording(StoreKind store) {
			return Path.of("target", "benchmark",
					"%s-%s-%dk-%s.jfr".formatted(store, this.handler, this.size / 1024, this.kind.name())
						.toLowerCase(Locale.ROOT));
		}

	}

	/**
	 * What a request costs.
	 *
	 * @param bare bytes allocated without the starter, in the median of all rounds
	 * @param starter bytes allocated with it
	 * @param spread of those, from the lowest round to the highest
	 * @param bareMicros microseconds on a processor without the starter, in the median
	 * @param starterMicros microseconds on a processor with it
	 * @param ratio of the two, in the median of all pairs of rounds
	 */
	private record Figures(long bare, long starter, long spread, double bareMicros, double starterMicros,
			double ratio) {

		static Figures of(List<Pair> pairs) {
			double[] bytes = sorted(pairs, (pair) -> pair.starter().bytes());
			return new Figures((long) median(sorted(pairs, (pair) -> pair.bare().bytes())) / REQUESTS,
					(long) median(bytes) / REQUESTS, (long) (bytes[bytes.length - 1] - bytes[0]) / REQUESTS,
					median(sorted(pairs, (pair) -> pair.bare().nanoseconds())) / REQUESTS / 1000,
					median(sorted(pairs, (pair) -> pair.starter().nanoseconds())) / REQUESTS / 1000,
					median(sorted(pairs, (pair) -> (double) pair.starter().nanoseconds() / pair.bare().nanoseconds())));
		}

		private static double[] sorted(List<Pair> pairs, ToDoubleFunction<Pair> figure) {
			return pairs.stream().mapToDouble(figure).sorted().toArray();
		}

		private static double median(double[] sorted) {
			return sorted[sorted.length / 2];
		}

	}

	/**
	 * What a round of requests costs without the starter, and one right after it with it.
	 */
	private record Pair(Cost bare, Cost starter) {
	}

	private record Server(TestApp app, List<KeepAliveClient> clients, ServerThreads threads,
			boolean enabled) implements AutoCloseable {

		static Server start(StoreKind store, ServerThreads threads, boolean enabled) throws IOException {
			String[] properties = Arrays.copyOf(PROPERTIES, PROPERTIES.length + 1);
			properties[PROPERTIES.length] = "idempotency.enabled=" + enabled;
			TestApp app = TestApp.start(List.of(Echo.class, AllocationDither.class), store, properties);
			List<KeepAliveClient> clients = new ArrayList<>();
			for (int i = 0; i < CLIENTS; i++) {
				clients.add(new KeepAliveClient(app.port()));
			}
			return new Server(app, clients, threads, enabled);
		}

		@Override
		public void close() throws IOException {
			for (KeepAliveClient client : this.clients) {
				client.close();
			}
			this.app.close();
		}

	}

}
