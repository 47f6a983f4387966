package io.idempotency.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.GenericContainer;
import redis.embedded.RedisServer;

/**
 * A real Redis server: in a container where Docker answers, else the binary that a test
 * dependency brings. It stops with the JVM at the latest.
 */
public final class RedisProcess implements AutoCloseable {

	/**
	 * Another Redis than that of the test dependency.
	 */
	private static final @Nullable String EXECUTABLE = System.getProperty("redis.executable");

	private final AutoCloseable server;

	private final String host;

	private final int port;

	private RedisProcess(AutoCloseable server, String host, int port) {
		this.server = server;
		this.host = host;
		this.port = port;
	}

	/**
	 * Returns the server that all tests share which neither stop it nor count its
	 * commands.
	 */
	public static RedisProcess shared() {
		return Shared.SERVER;
	}

	/**
	 * Starts a server of the caller's own, as a process of this machine, which can be
	 * stopped and killed.
	 */
	public static RedisProcess startLocal(String... settings) {
		return startLocal(freePort(), settings);
	}

	/**
	 * Starts a server of the caller's own on a given port.
	 */
	public static RedisProcess startLocal(int port, String... settings) {
		try {
			var builder = RedisServer.newRedisServer().port(port).setting("save \"\"").setting("daemonize no");
			List.of(settings).forEach(builder::setting);
			if (EXECUTABLE != null) {
				builder.executableProvider(() -> new File(EXECUTABLE));
			}
			RedisServer server = builder.build();
			server.start();
			Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
			return new RedisProcess(() -> stop(server), "127.0.0.1", port);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns a server of this machine that somebody else has started, and stops.
	 */
	public static RedisProcess running(int port) {
		return new RedisProcess(() -> {
		}, "127.0.0.1", port);
	}

	private static void stop(RedisServer server) {
		try {
			server.stop();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns a port on which nothing listens.
	 */
	public static int freePort() {
		try (ServerSocket socket = new ServerSocket(0)) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public String host() {
		return this.host;
	}

	public int port() {
		return this.port;
	}

	/**
	 * Returns the properties that make an application use this server.
	 */
	public String[] properties() {
		List<String> properties = new ArrayList<>();
		properties.add("spring.data.redis.host=" + this.host);
		properties.add("spring.data.redis.port=" + this.port);
		properties.add("idempotency.store=redis");
		return properties.toArray(String[]::new);
	}

	@Override
	public void close() {
		try {
			this.server.close();
		}
		catch (Exception ex) {
			throw new IllegalStateException("Redis could not be stopped", ex);
		}
	}

	private static final class Shared {

		private static final RedisProcess SERVER = Docker.ANSWERS ? startContainer() : startLocal();

		@SuppressWarnings("resource")
		private static RedisProcess startContainer() {
			GenericContainer<?> container = new GenericContainer<>("redis:7-alpine").withExposedPorts(6379);
			container.start();
			return new RedisProcess(container, container.getHost(), container.getMappedPort(6379));
		}

	}

}
