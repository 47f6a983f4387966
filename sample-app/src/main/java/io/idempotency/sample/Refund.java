package io.idempotency.sample;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;

/**
 * A refund of a payment.
 */
record Refund(UUID id, UUID paymentId, @JsonFormat(shape = Shape.STRING) BigDecimal amount, Instant createdAt) {

}
