/**
 * Listeners of a real Kafka.
 */
@NullMarked
package io.idempotency.kafka;

import org.jspecify.annotations.NullMarked;
