package io.idempotency.redis;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the Redis store.
 *
 * @param keyPrefix Prefix of the names of Redis keys. Applications that share a Redis,
 * but not their records, need different prefixes.
 * @param timeout How long a request waits for Redis to connect or to answer.
 * @param acknowledge Whether and how long requests wait for replicas.
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
	 * Settings for waiting until replicas have claims and responses.
	 *
	 * @param replicas Number of replicas that must have a claim before its handler runs,
	 * and a response before it is sent. With 0, requests do not wait for replicas. In a
	 * Cluster, this setting needs Lettuce.
	 * @param timeout How long a request waits for replicas. It must be shorter than
	 * idempotency.redis.timeout.
	 */
	record Acknowledge(@DefaultValue("0") int replicas, @DefaultValue("1s") Duration timeout) {
	}

}
