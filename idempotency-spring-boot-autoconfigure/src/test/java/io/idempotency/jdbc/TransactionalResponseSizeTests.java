package io.idempotency.jdbc;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.Idempotent;
import io.idempotency.testing.DatabaseKind;
import io.idempotency.testing.TestApp;
import jakarta.servlet.http.HttpServletResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A response that is committed together with its work is held up to a length, beyond
 * which both fail.
 */
@ExtendWith(OutputCaptureExtension.class)
class TransactionalResponseSizeTests {

	private static final int LIMIT = 100_000;

	private static TestApp app;

	@BeforeAll
	static void start() {
		List<String> properties = new ArrayList<>(List.of(DatabaseKind.H2.newDatabase().properties()));
		properties.addAll(List.of("idempotency.store=jdbc", "idempotency.max-response-size=1MB",
				"idempotency.max-transactional-response-size=" + LIMIT + "B"));
		app = TestApp.start(List.of(Reports.class, AnsweringReports.class), properties.toArray(String[]::new));
		app.bean(JdbcClient.class).sql("create table report (request_key varchar(64))").update();
	}

	@AfterAll
	static void stop() {
		app.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/text", "/stream", "/writer", "/declared", "/swallowed" })
	void rollsBackWhatIsTooLong(String path, CapturedOutput output) {
		String key = TestApp.newKey();
		for (int attempt = 1; attempt <= 2; attempt++) {
			HttpResponse<byte[]> answer = app.post(path, key, Integer.toString(LIMIT + 1));
			assertThat(answer.statusCode()).isEqualTo(500);
			assertThat(answer.headers().firstValue("Idempotent-Replayed")).isEmpty();
			assertThat(reports()).isZero();
		}
		assertThat(output).contains("raise idempotency.max-transactional-response-size");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/text", "/stream", "/writer", "/declared", "/swallowed" })
	void commitsWhatFits(String path) {
		String key = TestApp.newKey();
		HttpResponse<byte[]> first = app.post(path, key, Integer.toString(LIMIT));
		assertThat(first.statusCode()).isEqualTo(200);
		assertThat(first.body()).hasSize(LIMIT);
		HttpResponse<byte[]> retry = app.post(path, key, Integer.toString(LIMIT));
		assertThat(retry.headers().firstValue("Idempotent-Replayed")).contains("true");
		assertThat(retry.body()).isEqualTo(first.body());
		assertThat(reports()).isEqualTo(1);
		app.bean(JdbcClient.class).sql("delete from report").update();
	}

	@Test
	void applicationMayAnswer() {
		HttpResponse<byte[]> answer = app.post("/answered", TestApp.newKey(), Integer.toString(LIMIT + 1));
		assertThat(answer.statusCode()).isEqualTo(500);
		assertThat(TestApp.text(answer)).isEqualTo("too long");
		assertThat(reports()).isZero();
	}

	private static int reports() {
		return app.bean(JdbcClient.class).sql("select count(*) from report").query(Integer.class).single();
	}

	@RestController
	@Idempotent(transactional = true)
	static class Reports {

		private final JdbcClient jdbc;

		Reports(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@PostMapping("/text")
		String text(@RequestBody String length) {
			work();
			return "x".repeat(Integer.parseInt(length));
		}

		@PostMapping("/stream")
		void stream(@RequestBody String length, HttpServletResponse response) throws IOException {
			work();
			for (int i = 0; i < Integer.parseInt(length); i++) {
				response.getOutputStream().write('x');
			}
		}

		@PostMapping("/writer")
		void writer(@RequestBody String length, HttpServletResponse response) throws IOException {
			work();
			for (int i = 0; i < Integer.parseInt(length); i++) {
				response.getWriter().print('x');
			}
		}

		@PostMapping("/declared")
		void declared(@RequestBody String length, HttpServletResponse response) throws IOException {
			work();
			response.setContentLength(Integer.parseInt(length));
			response.getOutputStream().write("x".repeat(Integer.parseInt(length)).getBytes(StandardCharsets.UTF_8));
		}

		@PostMapping("/swallowed")
		void swallowed(@RequestBody String length, HttpServletResponse response) {
			work();
			try {
				for (int i = 0; i < Integer.parseInt(length); i++) {
					response.getOutputStream().write('x');
				}
			}
			catch (Exception ex) {
				// As code does that takes every failure for a client that has left.
			}
		}

		private void work() {
			this.jdbc.sql("insert into report values ('one')").update();
		}

	}

	@RestController
	@Idempotent(transactional = true)
	static class AnsweringReports {

		private final JdbcClient jdbc;

		AnsweringReports(JdbcClient jdbc) {
			this.jdbc = jdbc;
		}

		@PostMapping("/answered")
		String answered(@RequestBody String length) {
			this.jdbc.sql("insert into report values ('one')").update();
			return "x".repeat(Integer.parseInt(length));
		}

		@ExceptionHandler
		ResponseEntity<String> answer(IllegalStateException ex) {
			return ResponseEntity.internalServerError().body("too long");
		}

	}

}
