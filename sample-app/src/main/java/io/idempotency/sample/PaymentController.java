package io.idempotency.sample;

import java.net.URI;
import java.util.List;
import java.util.UUID;

import io.idempotency.Idempotent;
import jakarta.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Takes payments and refunds. An idempotency key is optional for payments, as for every
 * {@code POST} request, and required for refunds.
 */
@RestController
@RequestMapping("/payments")
class PaymentController {

	private final PaymentService payments;

	PaymentController(PaymentService payments) {
		this.payments = payments;
	}

	@PostMapping
	ResponseEntity<Payment> pay(@Valid @RequestBody PaymentRequest request) {
		Payment payment = this.payments.pay(request);
		return ResponseEntity.created(URI.create("/payments/" + payment.id())).body(payment);
	}

	@GetMapping
	List<Payment> ledger() {
		return this.payments.newestFirst();
	}

	@GetMapping("/{id}")
	Payment find(@PathVariable UUID id) {
		return this.payments.find(id);
	}

	@Idempotent
	@PostMapping("/{id}/refunds")
	@ResponseStatus(HttpStatus.CREATED)
	Refund refund(@PathVariable UUID id, @Valid @RequestBody RefundRequest request) {
		return this.payments.refund(id, request);
	}

}
