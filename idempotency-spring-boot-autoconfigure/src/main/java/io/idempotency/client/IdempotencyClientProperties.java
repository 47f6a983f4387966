package io.idempotency.client;

import java.time.Duration;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.http.HttpMethod;

/**
 * Settings of the idempotency of the requests that the application sends.
 *
 * @param enabled whether the clients that Spring Boot's RestClient, RestTemplate and
 * WebClient builders make send idempotency keys
 * @param keyHeader request header that carries the idempotency key
 * @param methods HTTP methods whose requests get a key
 * @param hosts hosts whose services get keys; by default all
 * @param derive which requests of a protected handler get a key that is the same when the
 * handler has to run again
 * @param retry when a request with a key is repeated
 */
@ConfigurationProperties("idempotency.client")
public record IdempotencyClientProperties(@DefaultValue("false") boolean enabled,
		@DefaultValue("Idempotency-Key") String keyHeader, @DefaultValue( {
				"POST", "PATCH" }) Set<HttpMethod> methods,
		@DefaultValue Set<String> hosts, @DefaultValue("named") Derive derive, @DefaultValue Retry retry){

	private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

	public IdempotencyClientProperties {
		require(HEADER_NAME.matcher(keyHeader).matches(), "key-header", "must be a valid header name", keyHeader);
		methods = methods.stream()
			.map((method) -> HttpMethod.valueOf(method.name().toUpperCase(Locale.ROOT)))
			.collect(Collectors.toUnmodifiableSet());
		hosts = hosts.stream().map((host) -> host.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
		hosts.forEach((host) -> require(!host.contains("/"), "hosts", "must be host names without scheme", host));
	}

	/**
	 * Returns the settings that apply without properties.
	 * @return the defaults
	 */
	public static IdempotencyClientProperties defaults() {
		return new IdempotencyClientProperties(true, "Idempotency-Key", Set.of(HttpMethod.POST, HttpMethod.PATCH),
				Set.of(), Derive.NAMED, new Retry(1, Duration.ofMillis(500), 2, Duration.ofSeconds(10), Set.of(503)));
	}

	private static void require(boolean condition, String property, String rule, Object value) {
		if (!condition) {
			throw new IllegalArgumentException(
					"idempotency.client." + property + " " + rule + ", but is '" + value + "'");
		}
	}

	/**
	 * When a request with a key is repeated: if it fails by an I/O error such as a
	 * timeout, if it is refused since the first request still runs, or if it is answered
	 * with one of some statuses. Each attempt has the same key.
	 *
	 * @param maxAttempts how often a request is sent at most; 1 never repeats it. Only
	 * services that honour the key may get a request twice: name them in
	 * idempotency.client.hosts if there are others
	 * @param delay shortest pause before the second attempt; up to half as much is added
	 * at random
	 * @param multiplier how many times longer each further pause is than the one before
	 * @param maxDelay longest pause; if a service asks by Retry-After for a longer one,
	 * the caller gets its answer at once
	 * @param statuses statuses after which a request is repeated
	 */
	public record Retry(@DefaultValue("1") int maxAttempts, @DefaultValue("500ms") Duration delay,
			@DefaultValue("2") double multiplier, @DefaultValue("10s") Duration maxDelay,
			@DefaultValue("503") Set<Integer> statuses) {

		private static final Duration LONGEST = Duration.ofDays(1);

		public Retry {
			require(maxAttempts > 0, "retry.max-attempts", "must be at least 1", maxAttempts);
			require(!delay.isNegative() && delay.compareTo(LONGEST) <= 0, "retry.delay", "must be between 0 and 1 day",
					delay);
			require(multiplier >= 1 && multiplier <= 100, "retry.multiplier", "must be between 1 and 100", multiplier);
			require(maxDelay.compareTo(delay) >= 0 && maxDelay.compareTo(LONGEST) <= 0, "retry.max-delay",
					"must be between idempotency.client.retry.delay and 1 day", maxDelay);
			statuses = Set.copyOf(statuses);
			statuses.forEach((status) -> require(status >= 400 && status <= 599, "retry.statuses",
					"must be statuses between 400 and 599", status));
		}

	}

	/**
	 * Which requests of a protected handler get a key that is derived from its own.
	 */
	public enum Derive {

		/**
		 * Those that name their step by {@link IdempotencyStep}.
		 */
		NAMED,

		/**
		 * All that get a key; those without a name by their method, their URI, and how
		 * many of the same came before. It takes a handler that makes the same calls in
		 * the same order whenever it runs.
		 */
		AUTOMATIC

	}

}
