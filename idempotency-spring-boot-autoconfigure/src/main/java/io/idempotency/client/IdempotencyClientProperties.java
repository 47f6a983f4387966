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
 * Settings of the idempotency keys that the application sends with its own requests.
 *
 * @param enabled Whether to send idempotency keys with clients that are created by Spring
 * Boot's RestClient, RestTemplate and WebClient builders.
 * @param keyHeader Name of the request header that carries the idempotency key.
 * @param methods HTTP methods whose requests get a key.
 * @param hosts Host names whose requests get a key. By default, requests to all hosts do.
 * @param derive Which requests of a protected handler get a key that stays the same if
 * the handler has to run again.
 * @param retry When to repeat a request that has a key.
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
	 * Returns the settings that apply if keys are enabled and no other property is set.
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
	 * Settings for repeating requests that have a key. A request is repeated if it fails
	 * with an I/O error such as a timeout, if it is refused because the first request is
	 * still in progress, or if the response has one of the configured statuses. Each
	 * attempt has the same key.
	 *
	 * @param maxAttempts Maximum number of times that a request is sent. With 1, it is
	 * never repeated. Only services that honour the key may receive a request twice. If
	 * the application also calls other services, list the hosts that honour it in
	 * idempotency.client.hosts.
	 * @param delay Minimum delay before the second attempt. A random part of up to half
	 * of this value is added.
	 * @param multiplier Factor by which the delay increases with each further attempt.
	 * @param maxDelay Maximum delay between two attempts. If the Retry-After header of a
	 * response asks for a longer delay, the request is not repeated and the caller gets
	 * the response at once.
	 * @param statuses Response statuses after which a request is repeated.
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
	 * Which requests of a protected handler get a key that is derived from the handler's
	 * own key.
	 */
	public enum Derive {

		/**
		 * Only requests that name their step with {@link IdempotencyStep}.
		 */
		NAMED,

		/**
		 * All requests that get a key. The key of a request without a step name is
		 * derived from its method, its URI and the number of equal requests before it.
		 * The handler must therefore make the same requests in the same order each time
		 * it runs.
		 */
		AUTOMATIC

	}

}
