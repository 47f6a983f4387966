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
		if (timeout.toMillis() < 1) {
			throw new IllegalArgumentException(
					"idempotency.redis.timeout must be at least 1 ms, but is '" + timeout + "'");
		}
	}

}
