package io.idempotency.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.jspecify.annotations.Nullable;

/**
 * A service on a real port that answers each request as the test says, in turn, and
 * remembers what it was sent. When the script is at its end, it answers 200.
 */
final class ScriptedService implements AutoCloseable {

	private final HttpServer server;

	private final ExecutorService threads = Executors.newCachedThreadPool();

	private final Queue<Turn> script = new ConcurrentLinkedQueue<>();

	private final List<Received> received = new CopyOnWriteArrayList<>();

	private final CountDownLatch closed = new CountDownLatch(1);

	ScriptedService() {
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.server.setExecutor(this.threads);
		this.server.createContext("/", this::handle);
		this.server.start();
	}

	/**
	 * Closes the connection instead of answering.
	 */
	ScriptedService drops() {
		return then(HttpExchange::close);
	}

	/**
	 * Answers no sooner than the test ends.
	 */
	ScriptedService hangs() {
		return then((exchange) -> {
			await(this.closed);
			exchange.close();
		});
	}

	/**
	 * Closes the connection in the middle of a body.
	 */
	ScriptedService breaksOff() {
		return then((exchange) -> {
			exchange.getResponseHeaders().set("Content-Type", "application/json");
			exchange.sendResponseHeaders(200, 1000);
			exchange.getResponseBody().write("{\"half\":".getBytes(StandardCharsets.UTF_8));
			exchange.getResponseBody().flush();
			exchange.close();
		});
	}

	/**
	 * Answers with a problem document.
	 * @param headers names and values in turn
	 */
	ScriptedService refuses(int status, String type, String... headers) {
		return answers(status, "application/problem+json", "{\"status\":%d,\"type\":\"%s\"}".formatted(status, type),
				headers);
	}

	/**
	 * Answers.
	 * @param headers names and values in turn
	 */
	ScriptedService answers(int status, String contentType, String body, String... headers) {
		return then((exchange) -> answer(exchange, status, contentType, body, headers));
	}

	private ScriptedService then(Turn turn) {
		this.script.add(turn);
		return this;
	}

	String uri(String path) {
		return "http://" + this.server.getAddress().getHostString() + ":" + this.server.getAddress().getPort() + path;
	}

	/**
	 * Returns all requests in the order of their arrival.
	 */
	List<Received> received() {
		return this.received;
	}

	/**
	 * Returns the key of each request, or {@code "-"} for one without.
	 */
	List<String> keys() {
		return this.received.stream().map((request) -> (request.key() != null) ? request.key() : "-").toList();
	}

	private void handle(HttpExchange exchange) throws IOException {
		this.received.add(new Received(exchange.getRequestMethod(), exchange.getRequestURI().toString(),
				new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
				Map.copyOf(exchange.getRequestHeaders())));
		Turn turn = this.script.poll();
		if (turn != null) {
			turn.play(exchange);
		}
		else {
			answer(exchange, 200, "application/json", "{\"ok\":true}");
		}
	}

	private static void answer(HttpExchange exchange, int status, String contentType, String body, String... headers)
			throws IOException {
		exchange.getResponseHeaders().set("Content-Type", contentType);
		for (int i = 0; i < headers.length; i += 2) {
			exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
		}
		byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
		boolean withoutBody = exchange.getRequestMethod().equals("HEAD") || bytes.length == 0;
		exchange.sendResponseHeaders(status, withoutBody ? -1 : bytes.length);
		if (!withoutBody) {
			exchange.getResponseBody().write(bytes);
		}
		exchange.close();
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		this.closed.countDown();
		this.server.stop(0);
		this.threads.shutdown();
	}

	/**
	 * What a client has sent.
	 */
	record Received(String method, String uri, String body, Map<String, List<String>> headers) {

		@Nullable String key() {
			return header("Idempotency-Key");
		}

		@Nullable String header(String name) {
			return values(name).stream().findFirst().orElse(null);
		}

		List<String> values(String name) {
			return this.headers.entrySet()
				.stream()
				.filter((header) -> header.getKey().equalsIgnoreCase(name))
				.flatMap((header) -> header.getValue().stream())
				.toList();
		}

	}

	private interface Turn {

		void play(HttpExchange exchange) throws IOException;

	}

}
