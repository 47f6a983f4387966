package io.idempotency.openapi;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the OpenAPI documents.
 *
 * @param enabled Whether to describe the idempotency key and the responses of protected
 * operations in OpenAPI documents that springdoc generates.
 */
@ConfigurationProperties("idempotency.openapi")
record OpenApiProperties(@DefaultValue("true") boolean enabled) {

}
