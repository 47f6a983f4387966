package io.idempotency.sample;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;

/**
 * What the payment provider has charged.
 */
record Charge(UUID id, @JsonFormat(shape = Shape.STRING) BigDecimal amount, String currency, String reference,
		Instant createdAt) {

}
