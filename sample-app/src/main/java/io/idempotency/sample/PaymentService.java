package io.idempotency.sample;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

import io.idempotency.sample.Payment.Status;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * Makes payments and refunds, and publishes each of them as an event. It does not know
 * about idempotency keys.
 */
@Service
@Transactional
class PaymentService {

	private final PaymentLedger ledger;

	private final ApplicationEventPublisher events;

	PaymentService(PaymentLedger ledger, ApplicationEventPublisher events) {
		this.ledger = ledger;
		this.events = events;
	}

	Payment pay(PaymentRequest request) {
		Payment payment = new Payment(UUID.randomUUID(), request.amount().setScale(2), request.currency(),
				request.reference(), Status.PAID, BigDecimal.ZERO.setScale(2), now());
		this.ledger.add(payment);
		this.events.publishEvent(payment);
		return payment;
	}

	Refund refund(UUID paymentId, RefundRequest request) {
		Payment payment = find(paymentId);
		Refund refund = new Refund(UUID.randomUUID(), paymentId, request.amount().setScale(2), now());
		if (!this.ledger.reserveRefund(paymentId, refund.amount())) {
			throw PaymentException.refundExceeds(payment.amount().subtract(payment.refunded()));
		}
		this.ledger.add(refund);
		this.events.publishEvent(refund);
		return refund;
	}

	@Transactional(readOnly = true)
	Payment find(UUID id) {
		return this.ledger.find(id).orElseThrow(() -> PaymentException.notFound(id));
	}

	@Transactional(readOnly = true)
	List<Payment> newestFirst() {
		return this.ledger.newestFirst();
	}

	private static Instant now() {
		return Instant.now().truncatedTo(ChronoUnit.MILLIS);
	}

}
