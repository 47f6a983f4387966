package io.idempotency.sample;

import java.math.BigDecimal;

import jakarta.validation.constraints.Digits;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Positive;

/**
 * What a client sends to have money back.
 */
record RefundRequest(@NotNull @Positive @Digits(integer = 10, fraction = 2) BigDecimal amount) {

}
