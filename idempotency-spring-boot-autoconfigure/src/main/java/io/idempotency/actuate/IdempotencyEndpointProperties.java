package io.idempotency.actuate;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the actuator endpoint.
 *
 * @param showResponses Whether to show the header values and the body of stored
 * responses, and the results of methods, listeners and steps. They may contain private
 * data.
 */
@ConfigurationProperties("management.endpoint.idempotency")
record IdempotencyEndpointProperties(@DefaultValue("false") boolean showResponses) {

}
