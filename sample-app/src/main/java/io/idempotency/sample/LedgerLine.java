package io.idempotency.sample;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonFormat.Shape;

/**
 * Money that was charged, as the page shows it.
 *
 * @param kind what it was charged for: a {@code payment}, or an {@code order} by the
 * payment provider
 * @param id the payment's, or that of the provider's charge
 * @param refunded how much of it was given back
 */
record LedgerLine(UUID id, String kind, @JsonFormat(shape = Shape.STRING) BigDecimal amount, String currency,
		String reference, @JsonFormat(shape = Shape.STRING) BigDecimal refunded, Instant createdAt) {

	static List<LedgerLine> newestFirst(List<Payment> payments, List<Charge> charges) {
		return Stream.concat(payments.stream().map(LedgerLine::of), charges.stream().map(LedgerLine::of))
			.sorted(Comparator.comparing(LedgerLine::createdAt).reversed())
			.toList();
	}

	private static LedgerLine of(Payment payment) {
		return new LedgerLine(payment.id(), "payment", payment.amount(), payment.currency(), payment.reference(),
				payment.refunded(), payment.createdAt());
	}

	private static LedgerLine of(Charge charge) {
		return new LedgerLine(charge.id(), "order", charge.amount(), charge.currency(), charge.reference(),
				BigDecimal.ZERO.setScale(2), charge.createdAt());
	}

}
