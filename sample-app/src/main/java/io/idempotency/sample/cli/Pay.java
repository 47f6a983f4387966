package io.idempotency.sample.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;

import io.idempotency.client.IdempotencyClientProperties.Retry;
import io.idempotency.client.KeyedRetryInterceptor;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.logging.LoggingSystem;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/**
 * Pays from the command line. It prints its key before it sends anything, and repeats the
 * request with that key if the answer is lost. If it has to give up or is stopped, it
 * prints what is known and how to go on. The command can be repeated any number of times.
 */
public final class Pay {

	static final int PAID = 0;

	static final int NOT_PAID = 1;

	static final int WRONG_USAGE = 2;

	static final int NOT_CERTAIN = 3;

	private static final String KEY_HEADER = "Idempotency-Key";

	private static final Retry FIVE_ATTEMPTS = new Retry(5, Duration.ofMillis(500), 2, Duration.ofSeconds(10),
			Set.of(502, 503, 504));

	private final PrintStream out;

	private final PrintStream err;

	private final Retry retry;

	private final Attempts attempts;

	/**
	 * What is being paid, until it is known what became of it.
	 */
	private volatile @Nullable PayArguments open;

	Pay(PrintStream out, PrintStream err, Retry retry) {
		this.out = out;
		this.err = err;
		this.retry = retry;
		this.attempts = new Attempts(err, retry.maxAttempts());
	}

	public static void main(String[] args) {
		// Without a Spring Boot application, logging is not configured, and everything
		// would be logged.
		LoggingSystem.get(Pay.class.getClassLoader()).beforeInitialize();
		Pay pay = new Pay(System.out, System.err, FIVE_ATTEMPTS);
		Runtime.getRuntime().addShutdownHook(new Thread(pay::tellWhatIsKnown));
		System.exit(pay.run(args));
	}

	/**
	 * Runs the command.
	 * @return its exit code
	 */
	int run(String... args) {
		if (List.of(args).contains("--help")) {
			this.out.print(PayArguments.HELP);
			return PAID;
		}
		PayArguments arguments;
		try {
			arguments = PayArguments.parse(args);
		}
		catch (IllegalArgumentException ex) {
			this.err.println(ex.getMessage());
			this.err.println();
			this.err.print(PayArguments.USAGE);
			return WRONG_USAGE;
		}
		this.out.println(KEY_HEADER + ": " + arguments.key());
		this.open = arguments;
		int exitCode = pay(arguments);
		this.open = null;
		return exitCode;
	}

	private int pay(PayArguments arguments) {
		try {
			Integer exitCode = client().post()
				.uri(URI.create(arguments.url() + "/payments"))
				.header(KEY_HEADER, arguments.key())
				.contentType(MediaType.APPLICATION_JSON)
				.body(new Payment(arguments.amount().toPlainString(), arguments.currency(), arguments.reference()))
				.exchange((request, response) -> tell(arguments, response));
			return (exitCode != null) ? exitCode : NOT_CERTAIN;
		}
		catch (ResourceAccessException ex) {
			return giveUp(arguments, arguments.url() + " did not answer.");
		}
	}

	private RestClient client() {
		JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(
				HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build());
		requests.setReadTimeout(Duration.ofSeconds(30));
		return RestClient.builder()
			.requestFactory(requests)
			.requestInterceptor(new KeyedRetryInterceptor(KEY_HEADER, this.retry))
			.requestInterceptor(this.attempts)
			.build();
	}

	private int tell(PayArguments arguments, ClientHttpResponse response) throws IOException {
		HttpStatusCode status = response.getStatusCode();
		String body = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
		boolean replayed = response.getHeaders().containsHeader("Idempotent-Replayed");
		if (status.is2xxSuccessful()) {
			this.out.println(replayed ? "Paid before with this key; nothing was paid now. The first answer was:"
					: "Paid. The answer is:");
			this.out.println(body);
			return PAID;
		}
		String reason = "The service answers with status " + status.value() + ". " + member(body, "detail");
		if (status.is4xxClientError() && (replayed || isKeyOfAnotherRequest(body))) {
			// Either says what became of all attempts with this key.
			return tellNotPaid(reason);
		}
		return giveUp(arguments, reason);
	}

	private boolean isKeyOfAnotherRequest(String body) {
		return member(body, "type").endsWith("key-reused") && !this.attempts.mayHavePaid();
	}

	private int giveUp(PayArguments arguments, String reason) {
		if (!mayHavePaid(arguments)) {
			return tellNotPaid(reason);
		}
		this.err.println(reason.strip());
		this.err.println();
		tellNotCertain(arguments);
		return NOT_CERTAIN;
	}

	private int tellNotPaid(String reason) {
		this.err.println("Not paid. " + reason.strip());
		return NOT_PAID;
	}

	private void tellNotCertain(PayArguments arguments) {
		this.err.println("It is not certain whether this was paid. Do not pay with a new key. Repeat the command with"
				+ " the same key, which pays once however often it is sent:");
		this.err.println();
		this.err.println("  " + arguments.command(System.getProperty("pay.command", "pay")));
	}

	/**
	 * An earlier command with a key that was given may have paid.
	 */
	private boolean mayHavePaid(PayArguments arguments) {
		return arguments.keyGiven() || this.attempts.mayHavePaid();
	}

	/**
	 * Says what is known when the command is stopped, for example by Ctrl-C.
	 */
	void tellWhatIsKnown() {
		PayArguments arguments = this.open;
		if (arguments == null) {
			return;
		}
		this.err.println();
		if (mayHavePaid(arguments)) {
			this.err.print("Stopped. ");
			tellNotCertain(arguments);
		}
		else {
			this.err.println("Stopped. Not paid: nothing has reached the service that it might have carried out.");
		}
	}

	private static String member(String body, String name) {
		try {
			JsonNode problem = JsonMapper.shared().readTree(body);
			return problem.path(name).asString("");
		}
		catch (JacksonException ex) {
			return "";
		}
	}

	/**
	 * The body of the request. Equal arguments result in the same bytes.
	 */
	record Payment(String amount, String currency, String reference) {
	}

}
