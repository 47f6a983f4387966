package io.idempotency.sample;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;

/**
 * An order that was placed.
 *
 * @param reservation what was reserved for it
 * @param charge the provider's charge for it
 */
record Order(UUID id, UUID reservation, UUID charge, @JsonFormat(shape = Shape.STRING) BigDecimal amount,
		String currency, String reference, Instant createdAt) {

}
