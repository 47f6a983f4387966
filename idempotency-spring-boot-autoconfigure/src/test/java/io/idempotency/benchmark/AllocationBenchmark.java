package io.idempotency.benchmark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

import io.idempotency.memory.MemoryIdempotencyStore;
import io.idempotency.testing.StoreKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.Test;

/**
 * Measures how many bytes a request makes the server allocate, with the starter and with
 * {@code idempotency.enabled=false}, on Tomcat with the store in memory. It is not a part
 * of the build and asserts nothing about what it measures. To run it:
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
 * requests in a round, and {@code benchmark.sizes} for the sizes of the bodies in KB, at
 * most 100.
 * <p>
 * Both applications get the same requests, so without the starter a replay is a request
 * that the handler answers. The handler that converts objects costs more than a replay;
 * the one that copies streams allocates nothing, so its lines show what the starter does.
 */
class AllocationBenchmark {

	private static final int ROUNDS = Integer.getInteger("benchmark.rounds", 5);

	private static final int REQUESTS = Integer.getInteger("benchmark.requests", 2000);

	private static final int WARM_UP_ROUNDS = 3;

	private static final int RECORDED_ROUNDS = 10;

	private static final boolean RECORD = Boolean.getBoolean("benchmark.jfr");

	private static final List<String> HANDLERS = List.of("objects", "streams");

	private static final List<Integer> SIZES = Stream.of(System.getProperty("benchmark.sizes", "1,100").split(","))
		.map((kilobytes) -> 1024 * Integer.parseInt(kilobytes))
		.toList();

	private static final List<Load> LOADS = HANDLERS.stream()
		.flatMap((handler) -> SIZES.stream()
			.flatMap((size) -> Stream.of(Kind.values()).map((kind) -> new Load(handler, size, kind))))
		.toList();

	private static final String[] PROPERTIES = { "server.tomcat.threads.max=1", "server.tomcat.threads.min-spare=1",
			"server.tomcat.max-keep-alive-requests=-1" };

	private int keys;

	@Test
	void measureAllocationPerRequest() throws IOException {
		Map<Load, Figures> bare = measure(false);
		Map<Load, Figures> withStarter = measure(true);
		System.out.println(table(bare, withStarter));
	}

	private Map<Load, Figures> measure(boolean enabled) throws IOException {
		ServerThreads threads = new ServerThreads();
		String[] properties = Arrays.copyOf(PROPERTIES, PROPERTIES.length + 1);
		properties[PROPERTIES.length] = "idempotency.enabled=" + enabled;
		Map<Load, Figures> figures = new LinkedHashMap<>();
		try (TestApp app = TestApp.start(List.of(Echo.class, AllocationDither.class), StoreKind.MEMORY, properties);
				KeepAliveClient client = new KeepAliveClient(app.port())) {
			Server server = new Server(app, client, threads, enabled);
			for (Load load : LOADS) {
				rounds(server, load, WARM_UP_ROUNDS);
			}
			for (Load load : LOADS) {
				rounds(server, load, 1);
				figures.put(load, figures(rounds(server, load, ROUNDS)));
				if (RECORD && enabled) {
					record(server, load);
				}
			}
		}
		return figures;
	}

	private static Figures figures(long[] allocated) {
		long[] perRequest = Arrays.stream(allocated).map((bytes) -> bytes / REQUESTS).sorted().toArray();
		return new Figures(perRequest[perRequest.length / 2], perRequest[perRequest.length - 1] - perRequest[0]);
	}

	private void record(Server server, Load load) throws IOException {
		try (AllocationBreakdown breakdown = new AllocationBreakdown(server.app().bean(AllocationDither.class))) {
			rounds(server, load, RECORDED_ROUNDS);
			System.out.println(breakdown.stop(load.recording(), server.threads(), RECORDED_ROUNDS * REQUESTS));
		}
	}

	private long[] rounds(Server server, Load load, int count) throws IOException {
		long[] allocated = new long[count];
		for (int i = 0; i < count; i++) {
			allocated[i] = round(server, load);
		}
		return allocated;
	}

	/**
	 * Sends the requests of one round, and returns what all of them made the server
	 * allocate.
	 */
	private long round(Server server, Load load) throws IOException {
		server.app().context().getBeanProvider(MemoryIdempotencyStore.class).ifAvailable(MemoryIdempotencyStore::clear);
		byte[] body = Echo.body(load.size());
		byte[] request = request(load, body, newKey());
		if (load.kind() == Kind.REPLAY) {
			server.client().send(request);
		}
		Echo echo = server.app().bean(Echo.class);
		int runsBefore = echo.runs();
		ServerThreads.Allocated before = server.threads().allocated();
		boolean replayed = server.enabled() && load.kind() == Kind.REPLAY;
		for (int i = 0; i < REQUESTS; i++) {
			if (load.kind() == Kind.FIRST) {
				request = request(load, body, newKey());
			}
			KeepAliveClient.Response response = server.client().send(request);
			if (response.status() != 200 || response.replayed() != replayed || response.length() < load.size()) {
				throw new IllegalStateException("Not what " + load + " should be answered: " + response);
			}
		}
		long allocated = server.threads().allocated().since(before);
		if (echo.runs() - runsBefore != (replayed ? 0 : REQUESTS)) {
			throw new IllegalStateException("The handler of " + load + " ran " + (echo.runs() - runsBefore) + " times");
		}
		return allocated;
	}

	/**
	 * Returns a key as long as those that clients send.
	 */
	private String newKey() {
		this.keys++;
		return "7c4a8d09-ca37-4623-9e5d-%012d".formatted(this.keys);
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

	private static String table(Map<Load, Figures> bare, Map<Load, Figures> withStarter) {
		StringBuilder table = new StringBuilder(
				"Bytes allocated per request: median of %d rounds of %d requests%n%n".formatted(ROUNDS, REQUESTS));
		table.append(
				"| handler | body   | request     |     bare |  spread |  starter |  spread | difference | copies |%n"
					.formatted());
		table.append(
				"|---------|--------|-------------|---------:|--------:|---------:|--------:|-----------:|-------:|%n"
					.formatted());
		bare.forEach((load, without) -> {
			Figures with = withStarter.getOrDefault(load, without);
			long difference = with.median() - without.median();
			table.append("| %-7s | %3d KB | %-11s | %8d | %7d | %8d | %7d | %10d | %6.2f |%n".formatted(load.handler(),
					load.size() / 1024, load.kind(), without.median(), without.spread(), with.median(), with.spread(),
					difference, (double) difference / load.size()));
		});
		return table.toString();
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

		Path recording() {
			return Path.of("target", "benchmark", "%s-%dk-%s.jfr".formatted(this.handler, this.size / 1024,
					this.kind.name().toLowerCase(Locale.ROOT)));
		}

	}

	/**
	 * Bytes per request.
	 *
	 * @param median of all rounds
	 * @param spread from the lowest round to the highest
	 */
	private record Figures(long median, long spread) {
	}

	private record Server(TestApp app, KeepAliveClient client, ServerThreads threads, boolean enabled) {
	}

}
