/**
 * Protects {@code @KafkaListener} methods, so that each record is processed once.
 */
@NullMarked
package io.idempotency.kafka;

import org.jspecify.annotations.NullMarked;
