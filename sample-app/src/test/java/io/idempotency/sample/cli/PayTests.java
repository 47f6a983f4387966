package io.idempotency.sample.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.idempotency.client.IdempotencyClientProperties.Retry;
import io.idempotency.sample.SampleApplication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@SpringBootTest(classes = SampleApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
class PayTests {

	/**
	 * A connection that is closed instead of an answer.
	 */
	private static final int LOST = -1;

	/**
	 * No answer.
	 */
	private static final int HELD = -2;

	private static final String NOT_CERTAIN = "It is not certain whether this was paid. Do not pay with a new key.";

	private static final Duration PATIENCE = Duration.ofMinutes(2);

	private static final Retry THREE_ATTEMPTS = new Retry(3, Duration.ZERO, 1, Duration.ofSeconds(1), Set.of(503));

	private final ByteArrayOutputStream output = new ByteArrayOutputStream();

	private final ByteArrayOutputStream errors = new ByteArrayOutputStream();

	@LocalServerPort
	private int port;

	// O3
	@Test
	void paysWithKeyOfItsOwn() {
		int exitCode = run("--amount", "12.5", "--currency", "EUR", "--reference", "Invoice 7");
		assertThat(output()).contains("Paid. The answer is:", "\"amount\":\"12.50\"", "\"reference\":\"Invoice 7\"");
		assertThat(exitCode).isEqualTo(Pay.PAID);
		assertThat(UUID.fromString(key()).version()).isEqualTo(4);
	}

	// O3
	@Test
	void paysOnceWhenRepeatedWithKey() {
		run("--amount", "12.5", "--currency", "EUR", "--reference", "Grüße");
		String first = lastLine();
		String key = key();
		int exitCode = run("--amount=12.50", "--currency=EUR", "--reference=Grüße", "--idempotency-key=" + key);
		assertThat(exitCode).isEqualTo(Pay.PAID);
		assertThat(output()).contains("nothing was paid now").endsWith(first + System.lineSeparator());
	}

	@Test
	void saysWhyPaymentIsRefused() {
		String key = UUID.randomUUID().toString();
		run("--amount", "12.50", "--currency", "EUR", "--reference", "r", "--idempotency-key", key);
		int exitCode = run("--amount", "99.00", "--currency", "EUR", "--reference", "r", "--idempotency-key", key);
		assertThat(exitCode).isEqualTo(Pay.NOT_PAID);
		assertThat(errors()).startsWith("Not paid. The service answers with status 422.")
			.contains("came before with another request");
	}

	@Test
	void hasNotPaidWhenFirstAttemptIsRefused() throws IOException {
		try (Service service = new Service(401)) {
			assertThat(pay(service)).isEqualTo(Pay.NOT_PAID);
			assertThat(errors()).isEqualTo("Not paid. The service answers with status 401." + System.lineSeparator());
		}
	}

	// O3
	@Test
	void repeatsRequestWithSameKeyWhenAnswerIsLost() throws IOException {
		try (Service service = new Service(LOST, 503, 201)) {
			assertThat(pay(service)).isEqualTo(Pay.PAID);
			assertThat(service.received).hasSize(3).containsOnly(key() + " " + service.firstBody());
			assertThat(errors().lines()).satisfiesExactly(
					(line) -> assertThat(line).startsWith("Attempt 1: no answer. "),
					(line) -> assertThat(line).isEqualTo("Trying again with the same key, attempt 2 of 3."),
					(line) -> assertThat(line).isEqualTo("Attempt 2: the service answers with status 503."),
					(line) -> assertThat(line).isEqualTo("Trying again with the same key, attempt 3 of 3."));
		}
	}

	// O3
	@Test
	void tellsKeyAndHowToGoOnWhenItGivesUp() throws IOException {
		try (Service service = new Service(LOST)) {
			int exitCode = pay(service, "--reference", "Anna's order");
			assertThat(exitCode).isEqualTo(Pay.NOT_CERTAIN);
			assertThat(service.received).hasSize(3);
			assertThat(output()).isEqualTo("Idempotency-Key: " + key() + System.lineSeparator());
			assertThat(errors()).contains(NOT_CERTAIN)
				.endsWith("  pay --amount 1.00 --currency EUR --reference 'Anna'\\''s order' --idempotency-key " + key()
						+ " --url " + service.url() + System.lineSeparator());
		}
	}

	@ParameterizedTest
	@CsvSource({ "-1, 401", "-1, 422", "503, 403", "503, 400", "-1, 500", "502, 0", "-1, 409", "500, 0", "302, 0",
			"408, 0", "409, 0" })
	void isNotCertainWhenAnyAttemptMayHavePaid(int first, int second) throws IOException {
		try (Service service = (second != 0) ? new Service(first, second) : new Service(first)) {
			assertThat(pay(service)).isEqualTo(Pay.NOT_CERTAIN);
			assertThat(errors()).contains(NOT_CERTAIN, "--idempotency-key " + key()).doesNotContain("Not paid.");
		}
	}

	@Test
	void isNotCertainWhenKeyOfEarlierCommandIsRefused() throws IOException {
		try (Service service = new Service(401)) {
			assertThat(pay(service, "--idempotency-key", "earlier")).isEqualTo(Pay.NOT_CERTAIN);
			assertThat(errors()).contains("The service answers with status 401.", NOT_CERTAIN);
		}
	}

	@Test
	void hasNotPaidWhenServiceWasNeverReached() throws IOException {
		Service service = new Service(201);
		service.close();
		assertThat(pay(service)).isEqualTo(Pay.NOT_PAID);
		assertThat(errors()).contains("Attempt 3: no answer. The connection is refused.", "Not paid.")
			.doesNotContain(NOT_CERTAIN);
		assertThat(pay(service, "--idempotency-key", "earlier")).isEqualTo(Pay.NOT_CERTAIN);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "--amount", "--amount 1 --currency EUR", "--amount 1 --currency EUR --reference",
			"--amount one --currency EUR --reference r", "--amount -1 --currency EUR --reference r",
			"--amount 1.005 --currency EUR --reference r", "--amount 1 --currency euro --reference r",
			"--amount 1 --currency EUR --reference r --url nowhere",
			"--amount 1 --currency EUR --reference r --url file:///tmp",
			"--amount 1 --currency EUR --reference r --idempotency-key=", "--amount 1 --amount 2", "pay" })
	void showsUsageOfWrongArguments(String arguments) {
		int exitCode = newPay().run(arguments.isEmpty() ? new String[0] : arguments.split(" "));
		assertThat(exitCode).isEqualTo(Pay.WRONG_USAGE);
		assertThat(errors()).contains("Usage: pay --amount");
		assertThat(output()).isEmpty();
	}

	@ParameterizedTest
	@ValueSource(strings = { "--help", "--amount 1 --help" })
	void showsHelpOnRequest(String arguments) {
		assertThat(newPay().run(arguments.split(" "))).isZero();
		assertThat(output()).startsWith("Usage: pay --amount").contains("Exit codes:");
		assertThat(errors()).isEmpty();
	}

	@Test
	void paysAsProcess(@TempDir Path directory) throws Exception {
		PayProcess process = new PayProcess(directory, "http://localhost:" + this.port);
		assertThat(process.exitCode()).isEqualTo(Pay.PAID);
		assertThat(process.output()).contains("Idempotency-Key: ", "Paid. The answer is:");
		assertThat(process.errors()).isEmpty();
	}

	@Test
	void saysThatItIsNotCertainWhenStoppedWhileItWaitsForAnswer(@TempDir Path directory) throws Exception {
		try (Service service = new Service(HELD)) {
			PayProcess process = new PayProcess(directory, service.url());
			await().atMost(PATIENCE).until(() -> !service.received.isEmpty());
			process.stop();
			assertThat(process.exitCode()).isNotIn(Pay.PAID, Pay.NOT_PAID);
			String key = process.output().strip().replace("Idempotency-Key: ", "");
			assertThat(process.errors()).contains("Stopped. " + NOT_CERTAIN, "--idempotency-key " + key);
		}
	}

	@Test
	void saysThatNothingWasPaidWhenStoppedBeforeItReachedService(@TempDir Path directory) throws Exception {
		Service service = new Service(201);
		service.close();
		PayProcess process = new PayProcess(directory, service.url());
		await().atMost(PATIENCE).until(() -> process.errors().contains("Attempt 1: no answer."));
		process.stop();
		assertThat(process.exitCode()).isNotIn(Pay.PAID, Pay.NOT_CERTAIN);
		assertThat(process.errors()).contains("Not paid").doesNotContain(NOT_CERTAIN);
	}

	private int pay(Service service, String... more) {
		List<String> arguments = new ArrayList<>(List.of("--amount", "1", "--currency", "EUR", "--url", service.url()));
		arguments.addAll(List.of(more));
		if (!arguments.contains("--reference")) {
			arguments.addAll(List.of("--reference", "r"));
		}
		return newPay().run(arguments.toArray(String[]::new));
	}

	private Pay newPay() {
		this.output.reset();
		this.errors.reset();
		return new Pay(new PrintStream(this.output, true, StandardCharsets.UTF_8),
				new PrintStream(this.errors, true, StandardCharsets.UTF_8), THREE_ATTEMPTS);
	}

	private int run(String... arguments) {
		return newPay().run(Stream.concat(Stream.of(arguments), Stream.of("--url", "http://localhost:" + this.port))
			.toArray(String[]::new));
	}

	private String output() {
		return this.output.toString(StandardCharsets.UTF_8);
	}

	private String errors() {
		return this.errors.toString(StandardCharsets.UTF_8);
	}

	private String lastLine() {
		List<String> lines = output().lines().toList();
		return lines.get(lines.size() - 1);
	}

	private String key() {
		return output().lines().findFirst().orElse("").replace("Idempotency-Key: ", "");
	}

	/**
	 * Answers the attempts with one status after the other, and further ones with the
	 * last.
	 */
	private static final class Service implements AutoCloseable {

		private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
				0);

		private final ExecutorService threads = Executors.newCachedThreadPool();

		private final CountDownLatch closed = new CountDownLatch(1);

		private final List<String> received = new CopyOnWriteArrayList<>();

		Service(int... statuses) throws IOException {
			this.server.createContext("/payments", (exchange) -> handle(exchange, statuses));
			this.server.setExecutor(this.threads);
			this.server.start();
		}

		private void handle(HttpExchange exchange, int... statuses) throws IOException {
			String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
			this.received.add(exchange.getRequestHeaders().getFirst("Idempotency-Key") + " " + body);
			int status = statuses[Math.min(this.received.size(), statuses.length) - 1];
			if (status == HELD) {
				hold();
			}
			else if (status != LOST) {
				exchange.sendResponseHeaders(status, -1);
			}
			exchange.close();
		}

		private void hold() {
			try {
				this.closed.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		String url() {
			return "http://localhost:" + this.server.getAddress().getPort();
		}

		String firstBody() {
			return this.received.get(0).substring(37);
		}

		@Override
		public void close() {
			this.closed.countDown();
			this.server.stop(0);
			this.threads.shutdownNow();
		}

	}

	/**
	 * The command in a JVM of its own, which prints into files.
	 */
	private static final class PayProcess {

		private final Path output;

		private final Path errors;

		private final Process process;

		PayProcess(Path directory, String url) throws IOException {
			this.output = directory.resolve("output");
			this.errors = directory.resolve("errors");
			this.process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
					"-XX:TieredStopAtLevel=1", "-Djava.net.preferIPv4Stack=true", "-cp",
					System.getProperty("java.class.path"), Pay.class.getName(), "--amount", "1", "--currency", "EUR",
					"--reference", "r", "--url", url)
				.redirectOutput(this.output.toFile())
				.redirectError(this.errors.toFile())
				.start();
		}

		/**
		 * Does what Ctrl-C does. That signal itself is not delivered to what runs in the
		 * background of a shell.
		 */
		void stop() {
			this.process.destroy();
		}

		int exitCode() throws InterruptedException {
			assertThat(this.process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
			return this.process.exitValue();
		}

		String output() throws IOException {
			return Files.readString(this.output);
		}

		String errors() throws IOException {
			return Files.readString(this.errors);
		}

	}

}
