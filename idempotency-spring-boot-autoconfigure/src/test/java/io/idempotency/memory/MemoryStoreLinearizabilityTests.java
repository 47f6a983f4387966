package io.idempotency.memory;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever threads do at once, the answers are those of some order in which the calls
 * came one after the other. {@code -Dlincheck.scenarios} says how many sets of calls are
 * tried.
 */
class MemoryStoreLinearizabilityTests {

	private static final int SCENARIOS = Integer.getInteger("lincheck.scenarios", 6);

	/**
	 * Lincheck transforms each class that is loaded, so that it has a JVM without those
	 * of other tests.
	 */
	@Test
	void callsAreAtomic(@TempDir Path directory) throws Exception {
		Path log = directory.resolve("log");
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), MemoryStoreCalls.class.getName(), Integer.toString(SCENARIOS))
			.redirectErrorStream(true)
			.redirectOutput(Redirect.to(log.toFile()))
			.start();
		int status = process.waitFor();
		assertThat(status).as(() -> read(log)).isZero();
		read(log).lines().filter((line) -> line.startsWith("Linearizability:")).forEach(System.out::println);
	}

	private static String read(Path log) {
		try {
			return Files.readString(log);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
