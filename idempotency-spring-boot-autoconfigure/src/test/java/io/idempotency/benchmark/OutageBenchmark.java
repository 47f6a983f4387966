package io.idempotency.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

import io.idempotency.testing.RedisConsole;
import io.idempotency.testing.RedisProcess;
import io.idempotency.testing.TestApp;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Measures what clients see while Redis is stopped (SIGSTOP) for ten seconds: 1,000 send
 * requests with keys all the time, and ten send requests without. It is not a part of the
 * build and asserts nothing about what it measures. To run it:
 *
 * <pre>
 * mvn -q test -pl idempotency-spring-boot-autoconfigure -Dtest=OutageBenchmark
 * </pre>
 */
class OutageBenchmark {

	private static final int CLIENTS = Integer.getInteger("benchmark.clients", 1000);

	private static final int WITHOUT_KEYS = 10;

	private static final Duration OUTAGE = Duration.ofSeconds(10);

	/**
	 * After that long, the first requests have waited for Redis in vain.
	 */
	private static final Duration FIRST_TIMEOUTS = Duration.ofSeconds(3);

	private final Queue<Exchange> exchanges = new ConcurrentLinkedQueue<>();

	private volatile boolean over;

	@Test
	void measure() throws Exception {
		RedisProcess redis = RedisProcess.startLocal();
		try (TestApp app = TestApp.start(List.of(Things.class), redis.properties())) {
			List<Thread> clients = new ArrayList<>();
			for (int i = 0; i < CLIENTS + WITHOUT_KEYS; i++) {
				boolean keyed = i < CLIENTS;
				clients.add(new Thread(() -> send(app.port(), keyed)));
			}
			clients.forEach(Thread::start);
			pause(Duration.ofSeconds(5));
			long stopped = System.nanoTime();
			RedisConsole.suspendDuring(redis, () -> pause(OUTAGE));
			long goesOn = System.nanoTime();
			pause(Duration.ofSeconds(5));
			this.over = true;
			for (Thread client : clients) {
				client.join();
			}
			long known = stopped + FIRST_TIMEOUTS.toNanos();
			print("without a key, before", (exchange) -> !exchange.keyed() && exchange.began() < stopped);
			print("without a key, while Redis is stopped",
					(exchange) -> !exchange.keyed() && exchange.began() > stopped && exchange.began() < goesOn);
			print("with a key, before", (exchange) -> exchange.keyed() && exchange.began() < stopped);
			print("with a key, in the first three seconds",
					(exchange) -> exchange.keyed() && exchange.began() > stopped && exchange.began() < known);
			print("with a key, later",
					(exchange) -> exchange.keyed() && exchange.began() > known && exchange.began() < goesOn);
			print("with a key, after two seconds with Redis",
					(exchange) -> exchange.keyed() && exchange.began() > goesOn + TimeUnit.SECONDS.toNanos(2));
			long first = this.exchanges.stream()
				.filter((exchange) -> exchange.keyed() && exchange.status() == 200 && exchange.began() > goesOn)
				.mapToLong((exchange) -> exchange.began() + exchange.nanos())
				.min()
				.orElse(Long.MAX_VALUE);
			System.out.printf(Locale.ROOT, "The first success comes %d ms after Redis goes on%n",
					TimeUnit.NANOSECONDS.toMillis(first - goesOn));
		}
		finally {
			redis.close();
		}
	}

	private static void pause(Duration duration) {
		try {
			Thread.sleep(duration.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/**
	 * A client thinks for a while after each answer, so that the machine is not full.
	 */
	private void send(int port, boolean keyed) {
		while (!this.over) {
			try (KeepAliveClient client = new KeepAliveClient(port)) {
				while (!this.over) {
					byte[] request = request(keyed ? TestApp.newKey() : null);
					long began = System.nanoTime();
					int status = client.send(request).status();
					this.exchanges.add(new Exchange(keyed, began, System.nanoTime() - began, status));
					pause(keyed ? Duration.ofSeconds(1) : Duration.ofMillis(20));
				}
			}
			catch (IOException closed) {
				// Tomcat closes connections after a 503, and after a hundred requests.
			}
		}
	}

	private static byte[] request(@Nullable String key) {
		String header = (key != null) ? "Idempotency-Key: " + key + "\r\n" : "";
		return ("POST /things HTTP/1.1\r\nHost: localhost\r\n" + header + "Content-Length: 0\r\n\r\n")
			.getBytes(StandardCharsets.US_ASCII);
	}

	private void print(String name, Predicate<Exchange> which) {
		List<Exchange> some = this.exchanges.stream().filter(which).toList();
		long[] nanos = some.stream().mapToLong(Exchange::nanos).sorted().toArray();
		long successes = some.stream().filter((exchange) -> exchange.status() == 200).count();
		long refused = some.stream().filter((exchange) -> exchange.status() == 503).count();
		System.out.printf(Locale.ROOT,
				"%-40s %7d requests, %7d answered 200, %7d 503; ms: median %d, 99 %% %d, most %d%n", name, nanos.length,
				successes, refused, millis(nanos, 0.5), millis(nanos, 0.99), millis(nanos, 1));
	}

	private static long millis(long[] nanos, double share) {
		return (nanos.length == 0) ? -1
				: TimeUnit.NANOSECONDS.toMillis(nanos[(int) Math.min(nanos.length - 1, share * nanos.length)]);
	}

	@RestController
	static class Things {

		@PostMapping("/things")
		String create() {
			return "created";
		}

	}

	private record Exchange(boolean keyed, long began, long nanos, int status) {
	}

}
