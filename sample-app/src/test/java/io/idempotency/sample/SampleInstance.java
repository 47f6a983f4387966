package io.idempotency.sample;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.testing.Database;
import io.idempotency.testing.LocalServer;
import io.idempotency.testing.RedisProcess;

import static org.awaitility.Awaitility.await;

/**
 * An instance of the service in a JVM of its own, on a database. It keeps its port when
 * it is killed and started again.
 */
final class SampleInstance implements AutoCloseable {

	/**
	 * What a moment creates in the process' directory while it holds a request.
	 */
	static final String HELD = "held";

	/**
	 * What is in the process' directory from when its start was noticed.
	 */
	static final String STARTED = "started";

	private final LocalServer process;

	private final Path held;

	private final Path started;

	private final int port;

	/**
	 * Creates an instance with the profile {@code postgres} that is not started.
	 * @param main the class with the main method
	 * @param database where its ledger and its records are
	 * @param properties name=value pairs
	 */
	SampleInstance(Class<?> main, Database database, String... properties) {
		this("postgres", main, database, properties);
	}

	/**
	 * Creates an instance that is not started.
	 * @param profile says where its records are
	 * @param main the class with the main method
	 * @param database where its ledger is
	 * @param properties name=value pairs
	 */
	SampleInstance(String profile, Class<?> main, Database database, String... properties) {
		this.port = RedisProcess.freePort();
		List<String> arguments = new ArrayList<>(List.of("--spring.profiles.active=" + profile,
				"--spring.main.banner-mode=off", "--server.address=127.0.0.1", "--server.port=" + this.port,
				"--logging.level.io.idempotency.sample=info", "--idempotency.lease-duration=2s"));
		for (String[] some : List.of(database.properties(), properties)) {
			List.of(some).forEach((property) -> arguments.add("--" + property));
		}
		try {
			Path directory = Files.createTempDirectory("sample");
			this.held = directory.resolve(HELD);
			this.started = directory.resolve(STARTED);
			this.process = LocalServer.java(directory, "256m", main, arguments, "Started " + main.getSimpleName());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	URI uri(String path) {
		return URI.create("http://127.0.0.1:" + this.port + path);
	}

	/**
	 * Starts it, and waits until it serves requests.
	 */
	void start() {
		try {
			Files.deleteIfExists(this.started);
			this.process.start();
			Files.createFile(this.started);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns whether it has been started and has not ended, by itself or otherwise.
	 */
	boolean isAlive() {
		return this.process.isAlive();
	}

	/**
	 * Ends it by SIGKILL, if it has not ended by itself.
	 */
	void kill() {
		this.process.kill();
	}

	/**
	 * Waits until it holds a request, then stops all of its threads.
	 */
	void pauseWhenHeld() {
		await().atMost(LocalServer.PATIENCE).until(() -> Files.exists(this.held));
		this.process.pause();
	}

	/**
	 * Lets all of its threads go on, and the request that it holds.
	 */
	void resume() {
		try {
			Files.delete(this.held);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.process.resume();
	}

	@Override
	public void close() {
		this.process.close();
	}

}
