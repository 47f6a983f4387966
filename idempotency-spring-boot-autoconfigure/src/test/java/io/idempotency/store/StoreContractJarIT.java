package io.idempotency.store;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.ToolProvider;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Another project tests its store with the jar that has the store contract. It runs when
 * the jar is packaged.
 */
class StoreContractJarIT {

	private static final String MAIN = """
			package com.example;

			import java.io.PrintWriter;

			import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
			import org.junit.platform.launcher.core.LauncherFactory;
			import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

			import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

			class Main {

				public static void main(String[] args) {
					SummaryGeneratingListener listener = new SummaryGeneratingListener();
					LauncherFactory.create()
						.execute(LauncherDiscoveryRequestBuilder.request()
							.selectors(selectClass(OurStoreTests.class))
							.build(), listener);
					listener.getSummary().printTo(new PrintWriter(System.out));
					listener.getSummary().printFailuresTo(new PrintWriter(System.out), 5);
				}

			}
			""";

	private static final String TEST = """
			package com.example;

			import java.time.Duration;
			import java.time.Instant;

			import io.idempotency.memory.MemoryIdempotencyStore;
			import io.idempotency.store.IdempotencyStore;
			import io.idempotency.store.IdempotencyStoreContract;

			class OurStoreTests extends IdempotencyStoreContract {

				private volatile Instant now = Instant.EPOCH;

				private final IdempotencyStore store = new MemoryIdempotencyStore(100_000, () -> this.now);

				@Override
				protected IdempotencyStore store() {
					return this.store;
				}

				@Override
				protected void advance(Duration duration) {
					this.now = this.now.plus({advance});
				}

			}
			""";

	@TempDir
	private Path project;

	private String classPath = "";

	@BeforeEach
	void findLibraries() throws IOException {
		Path target = Path.of("target");
		try (Stream<Path> jars = Files.list(target)) {
			Path contract = jars.filter((jar) -> jar.getFileName().toString().endsWith("-tck.jar"))
				.findFirst()
				.orElseThrow();
			this.classPath = Stream
				.of(Stream.of(this.project, contract, target.resolve("classes")),
						libraries("junit", "opentest4j", "assertj", "byte-buddy", "jspecify"))
				.flatMap((entries) -> entries)
				.map((entry) -> entry.toAbsolutePath().toString())
				.collect(Collectors.joining(File.pathSeparator));
		}
	}

	private static Stream<Path> libraries(String... names) {
		return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
			.map(Path::of)
			.filter((jar) -> Arrays.stream(names).anyMatch(jar.getFileName().toString()::contains));
	}

	@Test
	void storeThatKeepsContractPasses() throws Exception {
		assertThat(run("duration")).contains(" 0 tests failed ").doesNotContain(" 0 tests successful ");
	}

	@Test
	void storeThatBreaksContractFails() throws Exception {
		assertThat(run("Duration.ZERO")).doesNotContain(" 0 tests failed ").contains("OurStoreTests");
	}

	private String run(String advance) throws Exception {
		compile(Map.of("Main", MAIN, "OurStoreTests", TEST.replace("{advance}", advance)));
		Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				this.classPath, "com.example.Main")
			.redirectErrorStream(true)
			.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		assertThat(process.waitFor()).as(output).isZero();
		return output;
	}

	private void compile(Map<String, String> sources) throws IOException {
		List<String> arguments = new ArrayList<>(
				List.of("-proc:none", "-d", this.project.toString(), "-cp", this.classPath));
		for (Map.Entry<String, String> source : sources.entrySet()) {
			Path file = this.project.resolve(source.getKey() + ".java");
			Files.writeString(file, source.getValue());
			arguments.add(file.toString());
		}
		ByteArrayOutputStream messages = new ByteArrayOutputStream();
		int result = ToolProvider.getSystemJavaCompiler()
			.run(null, messages, messages, arguments.toArray(String[]::new));
		assertThat(result).as(messages.toString(StandardCharsets.UTF_8)).isZero();
	}

}
