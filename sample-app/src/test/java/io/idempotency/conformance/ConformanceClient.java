package io.idempotency.conformance;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;

/**
 * A client of the sample. Handlers count what they do for it apart from what they do for
 * others.
 */
final class ConformanceClient {

	static final String FORM = "application/x-www-form-urlencoded";

	private static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private final String name = UUID.randomUUID().toString();

	private final String baseUri;

	private final String keyHeader;

	private final Runs runs;

	ConformanceClient(String baseUri, String keyHeader, Runs runs) {
		this.baseUri = baseUri;
		this.keyHeader = keyHeader;
		this.runs = runs;
	}

	/**
	 * Returns a key that nobody else uses.
	 */
	static String newKey() {
		return UUID.randomUUID().toString();
	}

	/**
	 * Returns how often handlers ran for this client.
	 */
	int runs() {
		return this.runs.count(this.name);
	}

	void awaitRun(int run) {
		this.runs.awaitRun(this.name, run);
	}

	/**
	 * Lets this client's slow handlers go on, those to come included.
	 */
	void letGo() {
		this.runs.letGo(this.name);
	}

	Answer get(String path) {
		return send("GET", null, path, "");
	}

	Answer post(@Nullable String key, String path) {
		return post(key, path, "{}");
	}

	/**
	 * Sends a POST.
	 * @param key the key, or {@code null} for none
	 * @param headers names and values in turn; JSON is the content type unless they name
	 * another
	 */
	Answer post(@Nullable String key, String path, String body, String... headers) {
		return send("POST", key, path, body, headers);
	}

	/**
	 * Sends a POST with several keys, each in a line of its own.
	 */
	Answer postWithKeys(String path, String... keys) {
		HttpRequest.Builder request = request("POST", path, "{}");
		List.of(keys).forEach((key) -> request.header(this.keyHeader, key));
		return send(request).join();
	}

	/**
	 * Sends a POST with a key that the client of the JDK would not send: each character
	 * as one byte.
	 */
	int statusOfPost(String path, String key) throws IOException {
		URI uri = URI.create(this.baseUri);
		String request = "POST %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s: %s\r\n%s: %s\r\nContent-Length: 0\r\n\r\n"
			.formatted(path, ConformanceController.CLIENT, this.name, this.keyHeader, key);
		try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
			socket.setSoTimeout(60_000);
			socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
			String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
			return Integer.parseInt(answer.substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
		}
	}

	Answer send(String method, @Nullable String key, String path, String body, String... headers) {
		return start(method, key, path, body, headers).join();
	}

	/**
	 * Sends a POST, without waiting for its answer.
	 */
	CompletableFuture<Answer> start(@Nullable String key, String path) {
		return start("POST", key, path, "{}");
	}

	CompletableFuture<Answer> start(String method, @Nullable String key, String path, String body, String... headers) {
		HttpRequest.Builder request = request(method, path, body);
		if (key != null) {
			request.header(this.keyHeader, key);
		}
		for (int i = 0; i < headers.length; i += 2) {
			request.setHeader(headers[i], headers[i + 1]);
		}
		return send(request);
	}

	/**
	 * Each character of the body goes over the wire as one byte.
	 */
	private HttpRequest.Builder request(String method, String path, String body) {
		return HttpRequest.newBuilder(URI.create(this.baseUri + path))
			.method(method,
					body.isEmpty() ? BodyPublishers.noBody()
							: BodyPublishers.ofString(body, StandardCharsets.ISO_8859_1))
			.timeout(Duration.ofSeconds(60))
			.header("Content-Type", "application/json")
			.header("Accept", "application/json, */*;q=0.5")
			.header(ConformanceController.CLIENT, this.name);
	}

	private static CompletableFuture<Answer> send(HttpRequest.Builder request) {
		return HTTP.sendAsync(request.build(), BodyHandlers.ofByteArray()).thenApply(Answer::of);
	}

}
