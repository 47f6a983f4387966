package io.idempotency.jms;

import java.time.Duration;

import io.idempotency.policy.PropertyRules;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of protected JMS listeners.
 *
 * @param retryDelay Time after which the broker delivers a message again, if another call
 * with its key is still in progress or the store does not answer.
 */
@ConfigurationProperties("idempotency.jms")
record JmsListenerProperties(@DefaultValue("1s") Duration retryDelay) {

	JmsListenerProperties {
		PropertyRules.require(PropertyRules.isBetween(retryDelay, Duration.ofMillis(1), Duration.ofMinutes(10)),
				"jms.retry-delay", "must be between 1 ms and 10 minutes", retryDelay);
	}

}
