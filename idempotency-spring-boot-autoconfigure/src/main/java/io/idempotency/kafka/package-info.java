/**
 * Lets {@code @KafkaListener} methods process each record once.
 */
@NullMarked
package io.idempotency.kafka;

import org.jspecify.annotations.NullMarked;
