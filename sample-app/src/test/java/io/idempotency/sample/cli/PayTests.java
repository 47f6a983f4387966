package io.idempotency.sample.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.idempotency.client.IdempotencyClientProperties.Retry;
import io.idempotency.sample.SampleApplication;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

@SpringBootTest(classes = SampleApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
class PayTests {

	private final ByteArrayOutputStream output = new ByteArrayOutputStream();

	private final Pay pay = new Pay(new PrintStream(this.output, true, StandardCharsets.UTF_8),
			new Retry(3, Duration.ZERO, 1, Duration.ofSeconds(1), Set.of(503)));

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
		assertThat(exitCode).isEqualTo(Pay.REFUSED);
		assertThat(output()).contains("Refused with status 422.", "came before with another request");
	}

	// O3
	@Test
	void repeatsRequestWithSameKeyWhenAnswerIsLost() throws IOException {
		try (Service service = new Service(2)) {
			int exitCode = this.pay.run("--amount", "1", "--currency", "EUR", "--reference", "r", "--url",
					service.url());
			assertThat(exitCode).isEqualTo(Pay.PAID);
			assertThat(service.received).hasSize(3).containsOnly(key() + " " + service.firstBody());
		}
	}

	// O3
	@Test
	void tellsKeyAndHowToGoOnWhenItGivesUp() throws IOException {
		try (Service service = new Service(3)) {
			int exitCode = this.pay.run("--amount", "1", "--currency", "EUR", "--reference", "Anna's order", "--url",
					service.url());
			assertThat(exitCode).isEqualTo(Pay.NOT_CERTAIN);
			assertThat(service.received).hasSize(3);
			assertThat(output()).startsWith("Idempotency-Key: " + key())
				.contains("It is not certain whether this was paid.")
				.endsWith("  pay --amount 1.00 --currency EUR --reference 'Anna'\\''s order' --idempotency-key " + key()
						+ " --url " + service.url() + System.lineSeparator());
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "--amount", "--amount 1 --currency EUR", "--amount 1 --currency EUR --reference",
			"--amount one --currency EUR --reference r", "--amount -1 --currency EUR --reference r",
			"--amount 1.005 --currency EUR --reference r", "--amount 1 --currency euro --reference r",
			"--amount 1 --currency EUR --reference r --url nowhere",
			"--amount 1 --currency EUR --reference r --url file:///tmp",
			"--amount 1 --currency EUR --reference r --idempotency-key=", "--amount 1 --amount 2", "--help --amount 1",
			"pay" })
	void showsUsageOfWrongArguments(String arguments) {
		int exitCode = this.pay.run(arguments.isEmpty() ? new String[0] : arguments.split(" "));
		assertThat(exitCode).isEqualTo(Pay.WRONG_USAGE);
		assertThat(output()).contains("Usage: pay --amount").doesNotContain("Idempotency-Key: ");
	}

	@Test
	void showsUsageOnRequest() {
		assertThat(this.pay.run("--help")).isZero();
		assertThat(output()).startsWith("Usage: pay --amount");
	}

	private int run(String... arguments) {
		this.output.reset();
		return this.pay.run(Stream.concat(Stream.of(arguments), Stream.of("--url", "http://localhost:" + this.port))
			.toArray(String[]::new));
	}

	private String output() {
		return this.output.toString(StandardCharsets.UTF_8);
	}

	private String lastLine() {
		List<String> lines = output().lines().toList();
		return lines.get(lines.size() - 1);
	}

	private String key() {
		return output().lines().findFirst().orElse("").replace("Idempotency-Key: ", "");
	}

	/**
	 * Takes payments, but drops the first connections instead of answering.
	 */
	private static final class Service implements AutoCloseable {

		private final HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
				0);

		private final List<String> received = new CopyOnWriteArrayList<>();

		Service(int drops) throws IOException {
			this.server.createContext("/payments", (exchange) -> handle(exchange, drops));
			this.server.start();
		}

		private void handle(HttpExchange exchange, int drops) throws IOException {
			String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
			this.received.add(exchange.getRequestHeaders().getFirst("Idempotency-Key") + " " + body);
			if (this.received.size() > drops) {
				exchange.sendResponseHeaders(201, -1);
			}
			exchange.close();
		}

		String url() {
			return "http://localhost:" + this.server.getAddress().getPort();
		}

		String firstBody() {
			return this.received.get(0).substring(37);
		}

		@Override
		public void close() {
			this.server.stop(0);
		}

	}

}
