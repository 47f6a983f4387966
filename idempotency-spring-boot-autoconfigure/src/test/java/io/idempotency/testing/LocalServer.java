package io.idempotency.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

import org.springframework.util.FileSystemUtils;

import static org.awaitility.Awaitility.await;

/**
 * A server that is a process of this machine, with a directory of its own. Both end with
 * the JVM at the latest.
 */
public final class LocalServer implements AutoCloseable {

	/**
	 * How long to wait for a server that starts, ends or is to accept its clients again.
	 * It is generous because the machine may be busy; a process that has ended is noticed
	 * at once.
	 */
	public static final Duration PATIENCE = Duration.ofMinutes(5);

	private static final String KILL = "KILL";

	private final Path directory;

	private final List<String> command;

	private final String readiness;

	private final String stopSignal;

	private @Nullable Process process;

	/**
	 * Creates a server that is not started.
	 * @param directory its directory, which is deleted in the end
	 * @param command what starts it in the foreground
	 * @param readiness what it says when it is ready
	 * @param stopSignal the signal that makes it stop in order, clients or not
	 */
	public LocalServer(Path directory, List<String> command, String readiness, String stopSignal) {
		this.directory = directory;
		this.command = command;
		this.readiness = readiness;
		this.stopSignal = stopSignal;
		Runtime.getRuntime().addShutdownHook(new Thread(this::close));
	}

	/**
	 * Creates a Java process that is not started, with the class path of this one. It is
	 * to start fast, and lives with little memory.
	 * @param directory its directory, which is deleted in the end
	 * @param maxHeap the maximum of its heap, such as {@code 128m}
	 * @param main the class with the main method
	 * @param arguments what that is given
	 * @param readiness what it says when it is ready
	 */
	public static LocalServer java(Path directory, String maxHeap, Class<?> main, List<String> arguments,
			String readiness) {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1",
						"-XX:+UseSerialGC", "-Xmx" + maxHeap, "-Djava.net.preferIPv4Stack=true", "-cp",
						System.getProperty("java.class.path"), main.getName()));
		command.addAll(arguments);
		return new LocalServer(directory, command, readiness, "TERM");
	}

	/**
	 * Starts the server, and waits until it is ready.
	 */
	public void start() {
		Path log = this.directory.resolve("log");
		Process started = launch(this.directory, this.command);
		this.process = started;
		await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
			if (!started.isAlive()) {
				throw failure(this.command, log);
			}
			return Files.readString(log).contains(this.readiness);
		});
	}

	/**
	 * Returns whether the server has been started and has not ended, by itself or
	 * otherwise.
	 */
	public boolean isAlive() {
		Process started = this.process;
		return started != null && started.isAlive();
	}

	/**
	 * Lets the server stop in order.
	 */
	public void stop() {
		end(this.stopSignal);
	}

	/**
	 * Ends the server and the processes that it started without giving them a chance to
	 * do anything.
	 */
	public void kill() {
		end(KILL);
	}

	private void end(String signal) {
		Process ended = this.process;
		if (ended == null) {
			return;
		}
		List<ProcessHandle> children = ended.descendants().toList();
		send(signal, ended.pid());
		if (signal.equals(KILL)) {
			children.forEach(ProcessHandle::destroyForcibly);
		}
		// A server that is paused ends as well.
		send("CONT", ended.pid());
		children.forEach((child) -> send("CONT", child.pid()));
		try {
			if (!ended.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
				ended.destroyForcibly();
				throw failure(this.command, this.directory.resolve("log"));
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
		this.process = null;
		// Where nobody takes notice of orphans that ended, they stay around as zombies.
		CompletableFuture.allOf(children.stream().map(ProcessHandle::onExit).toArray(CompletableFuture<?>[]::new))
			.completeOnTimeout(null, 2, TimeUnit.SECONDS)
			.join();
	}

	/**
	 * Makes the server stop answering, its connections staying open.
	 */
	public void pause() {
		signal("STOP");
	}

	/**
	 * Makes the server go on.
	 */
	public void resume() {
		signal("CONT");
	}

	private void signal(String signal) {
		Process running = this.process;
		if (running == null || !send(signal, running.pid())) {
			throw new IllegalStateException("The server does not run");
		}
		// Looked at afterwards: a server that is paused starts no more of them.
		running.descendants().forEach((child) -> send(signal, child.pid()));
	}

	@Override
	public synchronized void close() {
		stop();
		delete(this.directory);
	}

	/**
	 * Runs a command to its end.
	 */
	static void run(Path directory, List<String> command) {
		try {
			if (launch(directory, command).waitFor() != 0) {
				throw failure(command, directory.resolve("log"));
			}
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static Process launch(Path directory, List<String> command) {
		try {
			return new ProcessBuilder(command).directory(directory.toFile())
				.redirectErrorStream(true)
				.redirectOutput(Redirect.to(directory.resolve("log").toFile()))
				.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static IllegalStateException failure(List<String> command, Path log) {
		try {
			return new IllegalStateException(String.join(" ", command) + " failed:\n" + Files.readString(log));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Deletes a directory with all that it holds.
	 */
	static void delete(Path directory) {
		try {
			FileSystemUtils.deleteRecursively(directory);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Sends a signal to a process of this machine, and returns whether there is such a
	 * process.
	 */
	static boolean send(String signal, long processId) {
		try {
			// Every shell brings this command, not every machine has it as a program.
			return new ProcessBuilder("sh", "-c", "kill -" + signal + " " + processId).redirectErrorStream(true)
				.redirectOutput(Redirect.DISCARD)
				.start()
				.waitFor() == 0;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

}
