package io.idempotency.kafka;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of protected listeners of Kafka.
 *
 * @param retryDelay how long a partition is paused whose next record cannot be processed
 * now, because it is in progress elsewhere or the store does not answer
 */
@ConfigurationProperties("idempotency.kafka")
record KafkaIdempotencyProperties(@DefaultValue("1s") Duration retryDelay) {

	KafkaIdempotencyProperties {
		if (retryDelay.compareTo(Duration.ofMillis(1)) < 0 || retryDelay.compareTo(Duration.ofDays(1)) > 0) {
			throw new IllegalArgumentException(
					"idempotency.kafka.retry-delay must be between 1 ms and 1 day, but is '" + retryDelay + "'");
		}
	}

}
