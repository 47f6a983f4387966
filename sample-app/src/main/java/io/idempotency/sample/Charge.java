package io.idempotency.sample;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;

/**
 * A charge of the payment provider.
 */
record Charge(UUID id, @JsonFormat(shape = Shape.STRING) BigDecimal amount, String currency, String reference,
		Instant createdAt) {

}
