package io.idempotency.rabbit;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of protected listeners of RabbitMQ.
 *
 * @param retryDelay how long a message stays unacknowledged before it is returned to its
 * queue, when another call with its key still runs or the store does not answer
 */
@ConfigurationProperties("idempotency.rabbit")
record RabbitListenerProperties(@DefaultValue("1s") Duration retryDelay) {

	RabbitListenerProperties {
		if (retryDelay.compareTo(Duration.ofMillis(1)) < 0 || retryDelay.compareTo(Duration.ofMinutes(10)) > 0) {
			throw new IllegalArgumentException(
					"idempotency.rabbit.retry-delay must be between 1 ms and 10 minutes, but is '" + retryDelay + "'");
		}
	}

}
