package io.idempotency.sample.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;

import io.idempotency.client.IdempotencyClientProperties.Retry;
import io.idempotency.client.KeyedRetryInterceptor;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.boot.logging.LoggingSystem;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClient;

/**
 * Pays from the command line. It prints its key before it sends anything, and repeats the
 * request with that key if the answer is lost. If it has to give up, it prints how to go
 * on. The command can be repeated any number of times.
 */
public final class Pay {

	static final int PAID = 0;

	static final int REFUSED = 1;

	static final int WRONG_USAGE = 2;

	static final int NOT_CERTAIN = 3;

	private static final String KEY_HEADER = "Idempotency-Key";

	private static final Retry FIVE_ATTEMPTS = new Retry(5, Duration.ofMillis(500), 2, Duration.ofSeconds(10),
			Set.of(502, 503, 504));

	private final PrintStream out;

	private final Retry retry;

	Pay(PrintStream out, Retry retry) {
		this.out = out;
		this.retry = retry;
	}

	public static void main(String[] args) {
		// Without a Spring Boot application, logging is not configured, and everything
		// would be logged.
		LoggingSystem.get(Pay.class.getClassLoader()).beforeInitialize();
		System.exit(new Pay(System.out, FIVE_ATTEMPTS).run(args));
	}

	/**
	 * Runs the command.
	 * @return its exit code
	 */
	int run(String... args) {
		if (args.length == 1 && args[0].equals("--help")) {
			this.out.print(PayArguments.USAGE);
			return PAID;
		}
		PayArguments arguments;
		try {
			arguments = PayArguments.parse(args);
		}
		catch (IllegalArgumentException ex) {
			this.out.println(ex.getMessage());
			this.out.println();
			this.out.print(PayArguments.USAGE);
			return WRONG_USAGE;
		}
		this.out.println(KEY_HEADER + ": " + arguments.key());
		try {
			return pay(arguments);
		}
		catch (ResourceAccessException ex) {
			String cause = (ex.getCause() != null) ? ex.getCause().toString() : ex.toString();
			return giveUp(arguments, "No answer from " + arguments.url() + ": " + cause);
		}
	}

	private int pay(PayArguments arguments) {
		Integer exitCode = client().post()
			.uri(arguments.url() + "/payments")
			.header(KEY_HEADER, arguments.key())
			.contentType(MediaType.APPLICATION_JSON)
			.body(new Payment(arguments.amount().toPlainString(), arguments.currency(), arguments.reference()))
			.exchange((request, response) -> tell(arguments, response));
		return (exitCode != null) ? exitCode : NOT_CERTAIN;
	}

	private RestClient client() {
		JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(
				HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build());
		requests.setReadTimeout(Duration.ofSeconds(30));
		return RestClient.builder()
			.requestFactory(requests)
			.requestInterceptor(new KeyedRetryInterceptor(KEY_HEADER, this.retry))
			.build();
	}

	private int tell(PayArguments arguments, ClientHttpResponse response) throws IOException {
		HttpStatusCode status = response.getStatusCode();
		String body = new String(response.getBody().readAllBytes(), StandardCharsets.UTF_8);
		if (status.is2xxSuccessful()) {
			boolean replayed = response.getHeaders().containsHeader("Idempotent-Replayed");
			this.out.println(replayed ? "Paid before with this key; nothing was paid now. The first answer was:"
					: "Paid. The answer is:");
			this.out.println(body);
			return PAID;
		}
		if (status.is5xxServerError() || status.value() == HttpStatus.CONFLICT.value()) {
			return giveUp(arguments, "The service answers " + status.value() + ". " + detail(body));
		}
		this.out.println("Refused with status " + status.value() + ". " + detail(body));
		return REFUSED;
	}

	private int giveUp(PayArguments arguments, String reason) {
		this.out.println(reason.strip());
		this.out.println();
		this.out.println("It is not certain whether this was paid. Do not pay with a new key. Repeat the command with"
				+ " the same key, which pays only once:");
		this.out.println();
		this.out.println("  " + arguments.command(System.getProperty("pay.command", "pay")));
		return NOT_CERTAIN;
	}

	private static String detail(String body) {
		try {
			return JsonMapper.shared().readTree(body).path("detail").asString("");
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
