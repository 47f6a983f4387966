package io.idempotency.sample;

import java.math.BigDecimal;

import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;

/**
 * The body of a refund request.
 */
record RefundRequest(@NotNull @Positive @Digits(integer = 10, fraction = 2) BigDecimal amount) {

}
