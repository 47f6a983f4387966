package io.idempotency.jdbc;

import java.util.List;
import java.util.stream.Stream;

import io.idempotency.Idempotent;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.TestApp;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Applications remove expired rows by themselves.
 */
@ExtendWith(OutputCaptureExtension.class)
class ScheduledPurgeIntegrationTests {

	// O1
	@ParameterizedTest
	@EnumSource
	void removesExpiredRowsAndSaysHowMany(DatabaseKind kind, CapturedOutput output) {
		String[] database = kind.newDatabase().properties();
		try (TestApp first = start(database, "200ms");
				TestApp second = start(database, "200ms");
				TestApp quiet = start(database, "1d")) {
			JdbcClient jdbc = quiet.bean(JdbcClient.class);
			String kept = TestApp.newKey();
			quiet.post("/things", kept, "{}");
			String[] expired = Stream.generate(TestApp::newKey).limit(30).toArray(String[]::new);
			for (String key : expired) {
				quiet.post("/short", key, "{}");
			}
			await().until(() -> jdbc.sql("select count(*) from idempotency_record").query(Integer.class).single() == 1);
			assertThat(quiet.post("/things", kept, "{}").headers().firstValue("Idempotent-Replayed")).contains("true");
			// The line is written after the rows are gone.
			await().untilAsserted(() -> assertThat(removed(output)).isEqualTo(30));
			assertThat(output).doesNotContain("could not be removed");
			assertThat(first.post("/short", expired[0], "{}").headers().firstValue("Idempotent-Replayed")).isEmpty();
			assertThat(second.post("/things", kept, "{}").headers().firstValue("Idempotent-Replayed")).isPresent();
		}
	}

	private static int removed(CapturedOutput output) {
		return output.getOut()
			.lines()
			.filter((line) -> line.contains("DEBUG") && line.contains("Removed "))
			.mapToInt(
					(line) -> Integer.parseInt(line.replaceAll(".*Removed (\\d+) expired idempotency records.*", "$1")))
			.sum();
	}

	private static TestApp start(String[] database, String interval) {
		return TestApp.start(List.of(Things.class), Stream
			.concat(Stream.of(database),
					Stream.of("idempotency.store=jdbc", "idempotency.jdbc.initialize-schema=always",
							"idempotency.purge-interval=" + interval, "logging.level.io.idempotency.engine=debug"))
			.toArray(String[]::new));
	}

	@RestController
	static class Things {

		@PostMapping("/things")
		String create() {
			return "created";
		}

		@PostMapping("/short")
		@Idempotent(expiry = "100ms")
		String createForShort() {
			return "created";
		}

	}

}
