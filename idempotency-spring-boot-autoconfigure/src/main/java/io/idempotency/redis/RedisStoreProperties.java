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
 */
@ConfigurationProperties("idempotency.redis")
record RedisStoreProperties(@DefaultValue("idempotency:") String keyPrefix, @DefaultValue("2s") Duration timeout) {

	RedisStoreProperties {
		if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(Duration.ofDays(1)) > 0) {
			throw new IllegalArgumentException(
					"idempotency.redis.timeout must be between 1 ms and 1 day, but is '" + timeout + "'");
		}
	}

}
