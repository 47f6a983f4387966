package io.idempotency.sample;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;

/**
 * Money that was given back.
 */
record Refund(UUID id, UUID paymentId, @JsonFormat(shape = Shape.STRING) BigDecimal amount, Instant createdAt) {

}
