package io.idempotency.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A connection to a Redis server that no Redis client stands behind: sees what others
 * send to it, and suspends, resumes and kills its process.
 */
public final class RedisConsole implements AutoCloseable {

	private final Socket socket;

	private final InputStream in;

	private final OutputStream out;

	private RedisConsole(RedisProcess server) throws IOException {
		this.socket = new Socket(server.host(), server.port());
		this.in = new BufferedInputStream(this.socket.getInputStream());
		this.out = this.socket.getOutputStream();
	}

	/**
	 * Connects to a server.
	 */
	public static RedisConsole connect(RedisProcess server) {
		try {
			return new RedisConsole(server);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Sends a command, and returns a simple answer of Redis as text.
	 * @param line the command and its arguments, none of them with spaces or quotes
	 */
	public String send(String line) {
		try {
			this.out.write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
			return read();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private String read() throws IOException {
		String line = readLine();
		return switch (line.charAt(0)) {
			case '$' -> readBulk(Integer.parseInt(line.substring(1)));
			case '-' -> throw new IOException(line);
			default -> line.substring(1);
		};
	}

	private String readBulk(int length) throws IOException {
		if (length < 0) {
			return "";
		}
		byte[] bytes = this.in.readNBytes(length);
		readLine();
		return new String(bytes, StandardCharsets.UTF_8);
	}

	private String readLine() throws IOException {
		ByteArrayOutputStream line = new ByteArrayOutputStream();
		for (int next = this.in.read(); next != '\n'; next = this.in.read()) {
			if (next < 0) {
				throw new EOFException("Redis closed the connection");
			}
			if (next != '\r') {
				line.write(next);
			}
		}
		return line.toString(StandardCharsets.UTF_8);
	}

	/**
	 * Returns the commands that clients send to a server during an action, those inside
	 * of scripts not among them.
	 */
	public static List<String> commandsDuring(RedisProcess server, Runnable action) {
		try (RedisConsole monitor = connect(server); RedisConsole marker = connect(server)) {
			monitor.send("MONITOR");
			action.run();
			String end = UUID.randomUUID().toString();
			marker.send("ECHO " + end);
			List<String> commands = new ArrayList<>();
			for (String line = monitor.read(); !line.contains(end); line = monitor.read()) {
				if (!line.contains(" lua] ")) {
					commands.add(line.substring(line.indexOf(']') + 2));
				}
			}
			return commands;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Returns the id of the server's process on this machine.
	 */
	public long processId() {
		return send("INFO server").lines()
			.filter((line) -> line.startsWith("process_id:"))
			.mapToLong((line) -> Long.parseLong(line.substring("process_id:".length()).strip()))
			.findFirst()
			.orElseThrow();
	}

	/**
	 * Makes the server stop answering during an action, its connections staying open.
	 */
	public static void suspendDuring(RedisProcess server, Runnable action) {
		Runnable resume = suspend(server);
		try {
			action.run();
		}
		finally {
			resume.run();
		}
	}

	/**
	 * Makes the server stop answering, its connections staying open.
	 * @return makes it go on
	 */
	public static Runnable suspend(RedisProcess server) {
		long processId;
		try (RedisConsole console = connect(server)) {
			processId = console.processId();
		}
		signal("STOP", processId);
		return () -> signal("CONT", processId);
	}

	/**
	 * Returns what {@code INFO} says by a name.
	 */
	public static String info(RedisProcess server, String section, String name) {
		try (RedisConsole console = connect(server)) {
			return console.send("INFO " + section)
				.lines()
				.filter((line) -> line.startsWith(name + ":"))
				.map((line) -> line.substring(name.length() + 1).strip())
				.findFirst()
				.orElse("");
		}
	}

	/**
	 * Ends the server's process without giving it a chance to do anything.
	 */
	public static void kill(RedisProcess server) {
		try (RedisConsole console = connect(server)) {
			signal("KILL", console.processId());
		}
		server.close();
	}

	private static void signal(String signal, long processId) {
		if (!LocalServer.send(signal, processId)) {
			throw new IllegalStateException("Redis does not run");
		}
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
