package io.idempotency.actuate;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the actuator endpoint.
 *
 * @param showResponses whether a record is shown with the values of its response's
 * headers and with the body, which may be private
 */
@ConfigurationProperties("management.endpoint.idempotency")
record IdempotencyEndpointProperties(@DefaultValue("false") boolean showResponses) {

}
