package io.idempotency.kafka;

import java.time.Duration;

import io.idempotency.policy.PropertyRules;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of protected Kafka listeners.
 *
 * @param retryDelay Time for which a partition is paused if its next record cannot be
 * processed now, because it is in progress elsewhere or the store does not answer.
 */
@ConfigurationProperties("idempotency.kafka")
record KafkaIdempotencyProperties(@DefaultValue("1s") Duration retryDelay) {

	KafkaIdempotencyProperties {
		PropertyRules.require(PropertyRules.isBetween(retryDelay, Duration.ofMillis(1), Duration.ofDays(1)),
				"kafka.retry-delay", "must be between 1 ms and 1 day", retryDelay);
	}

}
