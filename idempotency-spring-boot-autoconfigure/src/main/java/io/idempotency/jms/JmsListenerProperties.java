package io.idempotency.jms;

import java.time.Duration;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of protected JMS listeners.
 *
 * @param retryDelay after how long the broker delivers a message again, when another call
 * with its key still runs or the store does not answer
 */
@ConfigurationProperties("idempotency.jms")
record JmsListenerProperties(@DefaultValue("1s") Duration retryDelay) {

	JmsListenerProperties {
		if (retryDelay.compareTo(Duration.ofMillis(1)) < 0 || retryDelay.compareTo(Duration.ofMinutes(10)) > 0) {
			throw new IllegalArgumentException(
					"idempotency.jms.retry-delay must be between 1 ms and 10 minutes, but is '" + retryDelay + "'");
		}
	}

}
