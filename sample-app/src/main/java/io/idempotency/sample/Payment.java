package io.idempotency.sample;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;

/**
 * A payment in the ledger.
 */
record Payment(UUID id, @JsonFormat(shape = Shape.STRING) BigDecimal amount, String currency, String reference,
		Status status, @JsonFormat(shape = Shape.STRING) BigDecimal refunded, Instant createdAt) {

	enum Status {

		PAID, PARTLY_REFUNDED, REFUNDED

	}

}
