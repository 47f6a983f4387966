package io.idempotency.jdbc;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * What the documentation of stores tells people to copy.
 */
final class StoresPage {

	private static final Path PAGE = Path.of("../docs/stores.md");

	private StoresPage() {
	}

	/**
	 * Returns the indented lines after the line that begins with a text.
	 */
	static String exampleAfter(String start) {
		String example = text().lines()
			.dropWhile((line) -> !line.startsWith(start))
			.dropWhile((line) -> !line.startsWith("    "))
			.takeWhile((line) -> line.startsWith("    "))
			.collect(Collectors.joining("\n"));
		if (example.isEmpty()) {
			throw new IllegalArgumentException("Nothing in " + PAGE + " begins with " + start);
		}
		return example;
	}

	static String text() {
		try {
			return Files.readString(PAGE);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
