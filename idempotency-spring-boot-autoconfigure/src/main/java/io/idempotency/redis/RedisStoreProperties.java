package io.idempotency.redis;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the store in Redis.
 *
 * @param keyPrefix what the names of the records' Redis keys begin with; applications
 * that share a Redis and not their records need different ones
 * @param timeout how long a request waits for Redis to connect or to answer, with
 * Lettuce; other clients keep the timeout of their own
 * @param acknowledge whether and how long requests wait for replicas
 */
@ConfigurationProperties("idempotency.redis")
record RedisStoreProperties(@DefaultValue("idempotency:") String keyPrefix, @DefaultValue("2s") Duration timeout,
		@DefaultValue Acknowledge acknowledge) {

	private static final Duration SHORTEST = Duration.ofMillis(1);

	RedisStoreProperties {
		require(isBetween(timeout, Duration.ofDays(1)), "timeout must be between 1 ms and 1 day", timeout);
		require(acknowledge.replicas() >= 0, "acknowledge.replicas must not be negative", acknowledge.replicas());
		require(acknowledge.replicas() == 0 || isBetween(acknowledge.timeout(), timeout.minusMillis(1)),
				"acknowledge.timeout must be at least 1 ms and shorter than idempotency.redis.timeout=" + timeout,
				acknowledge.timeout());
	}

	private static boolean isBetween(Duration duration, Duration longest) {
		return duration.compareTo(SHORTEST) >= 0 && duration.compareTo(longest) <= 0;
	}

	private static void require(boolean condition, String rule, Object value) {
		if (!condition) {
			throw new IllegalArgumentException("idempotency.redis." + rule + ", but is '" + value + "'");
		}
	}

	/**
	 * Whether claims and responses are to be in replicas before requests go on.
	 *
	 * @param replicas how many replicas of its master are to have a claim before the
	 * handler runs, and a response before it is sent; 0 for none. This needs Lettuce
	 * @param timeout how long a request waits for them; shorter than
	 * idempotency.redis.timeout
	 */
	record Acknowledge(@DefaultValue("0") int replicas, @DefaultValue("1s") Duration timeout) {
	}

}
