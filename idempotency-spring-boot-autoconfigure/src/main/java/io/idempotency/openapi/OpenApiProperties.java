package io.idempotency.openapi;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the OpenAPI documents.
 *
 * @param enabled whether OpenAPI documents that springdoc generates show the key and the
 * responses that it brings
 */
@ConfigurationProperties("idempotency.openapi")
record OpenApiProperties(@DefaultValue("true") boolean enabled) {

}
