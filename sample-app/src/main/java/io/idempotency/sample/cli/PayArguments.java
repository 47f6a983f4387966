package io.idempotency.sample.cli;

import java.math.BigDecimal;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

/**
 * The arguments of the command: what to pay, and where.
 *
 * @param keyGiven whether the key is not a new one, so that an earlier attempt may have
 * paid with it
 */
record PayArguments(BigDecimal amount, String currency, String reference, String key, boolean keyGiven, URI url) {

	static final String USAGE = """
			Usage: pay --amount <amount> --currency <code> --reference <text> [--idempotency-key <key>] [--url <url>]

			  --amount           how much, such as 12.50
			  --currency         its currency, such as EUR
			  --reference        what for, such as "Invoice 7"
			  --idempotency-key  the key of an earlier attempt, to repeat it; by default a new one
			  --url              where the payments service is; by default http://localhost:8080
			  --help             shows this
			""";

	static final String HELP = USAGE + """

			Pays once, however often the command is repeated with the same key. The command prints the key, and sends
			the payment again by itself while the answer is lost or the service is not ready.

			Exit codes:
			  0  paid, now or before with this key
			  1  not paid
			  2  wrong arguments; nothing was sent
			  3  not certain whether it was paid: repeat the command with the same key

			Stopped by Ctrl-C, it says whether it may have paid, and how to go on.
			""";

	private static final Set<String> OPTIONS = Set.of("--amount", "--currency", "--reference", "--idempotency-key",
			"--url");

	/**
	 * Reads a command line.
	 * @throws IllegalArgumentException if it is invalid; the message says why
	 */
	static PayArguments parse(String... args) {
		Map<String, String> options = new LinkedHashMap<>();
		for (int i = 0; i < args.length; i++) {
			String[] parts = args[i].split("=", 2);
			if (!OPTIONS.contains(parts[0])) {
				throw new IllegalArgumentException("Unknown argument: " + args[i]);
			}
			if (parts.length == 1 && i + 1 == args.length) {
				throw new IllegalArgumentException(parts[0] + " needs a value");
			}
			if (options.put(parts[0], (parts.length == 2) ? parts[1] : args[++i]) != null) {
				throw new IllegalArgumentException(parts[0] + " is given twice");
			}
		}
		return new PayArguments(amount(required(options, "--amount")), currency(required(options, "--currency")),
				required(options, "--reference"), key(options.get("--idempotency-key")),
				options.containsKey("--idempotency-key"), url(options.getOrDefault("--url", "http://localhost:8080")));
	}

	private static String required(Map<String, String> options, String name) {
		String value = options.get(name);
		if (value == null || value.isBlank()) {
			throw new IllegalArgumentException(name + " is missing");
		}
		return value;
	}

	/**
	 * Parses an amount. Equal amounts get the same spelling, because a key must always be
	 * sent with the same request.
	 */
	private static BigDecimal amount(String value) {
		try {
			BigDecimal amount = new BigDecimal(value).setScale(2);
			if (amount.signum() > 0) {
				return amount;
			}
		}
		catch (ArithmeticException | NumberFormatException ex) {
			// Thrown below, with a message.
		}
		throw new IllegalArgumentException("--amount must be a positive amount such as 12.50, but is '" + value + "'");
	}

	private static String currency(String value) {
		if (!value.matches("[A-Z]{3}")) {
			throw new IllegalArgumentException("--currency must be a code such as EUR, but is '" + value + "'");
		}
		return value;
	}

	private static String key(@Nullable String value) {
		if (value == null) {
			return UUID.randomUUID().toString();
		}
		if (!value.matches("[!-~]([ -~]*[!-~])?")) {
			throw new IllegalArgumentException("--idempotency-key must consist of printable ASCII characters");
		}
		return value;
	}

	private static URI url(String value) {
		URI url = URI.create(value.replaceFirst("/+$", ""));
		if (url.getHost() == null || !("http".equals(url.getScheme()) || "https".equals(url.getScheme()))) {
			throw new IllegalArgumentException(
					"--url must be a URL such as http://localhost:8080, but is '" + value + "'");
		}
		return url;
	}

	/**
	 * Returns the command line that repeats this one, for a POSIX shell.
	 * @param command the command that was called
	 */
	String command(String command) {
		return quote(command) + " --amount " + this.amount.toPlainString() + " --currency " + this.currency
				+ " --reference " + quote(this.reference) + " --idempotency-key " + quote(this.key) + " --url "
				+ quote(this.url.toString());
	}

	private static String quote(String value) {
		return value.matches("[\\w./:-]+") ? value : "'" + value.replace("'", "'\\''") + "'";
	}

}
