/**
 * Describes idempotency keys in the OpenAPI documents that springdoc generates.
 */
@NullMarked
package io.idempotency.openapi;

import org.jspecify.annotations.NullMarked;
