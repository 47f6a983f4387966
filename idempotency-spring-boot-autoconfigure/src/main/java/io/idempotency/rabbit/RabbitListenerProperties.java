package io.idempotency.rabbit;

import java.time.Duration;

import io.idempotency.policy.PropertyRules;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of protected RabbitMQ listeners.
 *
 * @param retryDelay How long a message remains unacknowledged before it is returned to
 * its queue, if another call with its key still runs or the store does not answer.
 */
@ConfigurationProperties("idempotency.rabbit")
record RabbitListenerProperties(@DefaultValue("1s") Duration retryDelay) {

	RabbitListenerProperties {
		PropertyRules.require(PropertyRules.isBetween(retryDelay, Duration.ofMillis(1), Duration.ofMinutes(10)),
				"rabbit.retry-delay", "must be between 1 ms and 10 minutes", retryDelay);
	}

}
