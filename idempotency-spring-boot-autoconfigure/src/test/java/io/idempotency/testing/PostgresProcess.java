package io.idempotency.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

import org.testcontainers.postgresql.PostgreSQLContainer;
import org.tukaani.xz.XZInputStream;

/**
 * A real PostgreSQL server: in a container where Docker answers, else the binary that a
 * test dependency brings.
 */
public final class PostgresProcess extends DatabaseProcess {

	private static final String USER = "postgres";

	private static final String MAIN = "postgres";

	private static final List<String> FAST = List.of("fsync=off", "synchronous_commit=off", "full_page_writes=off");

	private static final List<String> ROOMY = List.of("max_connections=300");

	private PostgresProcess(AutoCloseable server, String host, int port, String password) {
		super(server, "jdbc:postgresql://" + host + ":" + port + "/", MAIN, USER, password);
	}

	/**
	 * Returns the server that all tests share. It does not wait for the disk, so that
	 * what it has is lost when its machine is.
	 */
	public static PostgresProcess shared() {
		return Shared.SERVER;
	}

	/**
	 * Starts a server of the caller's own, as a process of this machine, which can be
	 * paused, stopped, killed and started again.
	 * @param settings name=value pairs, as in {@code postgresql.conf}
	 */
	public static PostgresProcess startLocal(String... settings) {
		return startLocal(List.of(settings));
	}

	private static PostgresProcess startLocal(List<String> settings) {
		Path directory = newDirectory();
		Path data = directory.resolve("data");
		LocalServer.run(directory, command("initdb", "--pgdata=" + data, "--username=" + USER, "--auth=trust",
				"--encoding=UTF8", "--no-locale", "--no-sync"));
		int port = RedisProcess.freePort();
		List<String> command = command("postgres", "-D", data.toString(), "-p", Integer.toString(port), "-h",
				"127.0.0.1", "-c", "unix_socket_directories=", "-c", "timezone=UTC");
		for (List<String> some : List.of(ROOMY, settings)) {
			some.forEach((setting) -> command.addAll(List.of("-c", setting)));
		}
		LocalServer server = new LocalServer(directory, command, "database system is ready to accept connections",
				"INT");
		server.start();
		return new PostgresProcess(server, "127.0.0.1", port, "");
	}

	private static List<String> command(String program, String... arguments) {
		List<String> command = new ArrayList<>();
		if (isRoot()) {
			// PostgreSQL refuses to run as root.
			command.addAll(List.of("setpriv", "--reuid=" + Binaries.NOBODY, "--regid=" + Binaries.NOBODY,
					"--clear-groups", "--"));
		}
		command.add(Binaries.DIRECTORY.resolve("bin").resolve(program).toString());
		command.addAll(List.of(arguments));
		return command;
	}

	private static Path newDirectory() {
		try {
			Path directory = Files.createTempDirectory("postgres-data");
			if (isRoot()) {
				Files.setAttribute(directory, "unix:uid", Binaries.NOBODY);
			}
			return directory;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static boolean isRoot() {
		return "root".equals(System.getProperty("user.name"));
	}

	private static final class Shared {

		private static final PostgresProcess SERVER = Docker.ANSWERS ? startContainer() : startLocal(FAST);

		@SuppressWarnings("resource")
		private static PostgresProcess startContainer() {
			List<String> command = new ArrayList<>(List.of("postgres"));
			for (List<String> some : List.of(ROOMY, FAST)) {
				some.forEach((setting) -> command.addAll(List.of("-c", setting)));
			}
			PostgreSQLContainer container = new PostgreSQLContainer("postgres:18-alpine").withDatabaseName(MAIN)
				.withUsername(USER);
			container.withCommand(command.toArray(String[]::new));
			container.start();
			return new PostgresProcess(container, container.getHost(),
					container.getMappedPort(PostgreSQLContainer.POSTGRESQL_PORT), container.getPassword());
		}

	}

	private static final class Binaries {

		/**
		 * The user that PostgreSQL runs as where the tests run as root.
		 */
		static final int NOBODY = 65534;

		static final Path DIRECTORY = unpack();

		private static Path unpack() {
			String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin"
					: "linux";
			String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
			String archive = "/postgres-" + system + "-" + architecture + ".txz";
			try (InputStream compressed = PostgresProcess.class.getResourceAsStream(archive)) {
				if (compressed == null) {
					throw new IllegalStateException("There is no " + archive + " on the class path: start Docker");
				}
				Path directory = Files.createTempDirectory("postgres");
				Runtime.getRuntime().addShutdownHook(new Thread(() -> LocalServer.delete(directory)));
				Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
				Process tar = new ProcessBuilder("tar", "-x").directory(directory.toFile())
					.redirectError(Redirect.INHERIT)
					.start();
				try (OutputStream out = tar.getOutputStream()) {
					new XZInputStream(compressed).transferTo(out);
				}
				if (tar.waitFor() != 0) {
					throw new IllegalStateException(archive + " could not be unpacked");
				}
				return directory;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			catch (InterruptedException ex) {
				throw new IllegalStateException(ex);
			}
		}

	}

}
