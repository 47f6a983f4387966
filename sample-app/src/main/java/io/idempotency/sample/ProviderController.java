package io.idempotency.sample;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;

import io.idempotency.Idempotent;
import jakarta.validation.Valid;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/**
 * Plays the payment provider. The rest of this service calls it only by HTTP. It requires
 * an idempotency key, and charges once for each key.
 */
@RestController
@RequestMapping(ProviderController.PATH)
class ProviderController {

	static final String PATH = "/provider/charges";

	private final ProviderLedger ledger;

	ProviderController(ProviderLedger ledger) {
		this.ledger = ledger;
	}

	@Idempotent
	@PostMapping
	@ResponseStatus(HttpStatus.CREATED)
	Charge charge(@Valid @RequestBody PaymentRequest request) {
		Charge charge = new Charge(UUID.randomUUID(), request.amount().setScale(2), request.currency(),
				request.reference(), Instant.now().truncatedTo(ChronoUnit.MILLIS));
		this.ledger.add(charge);
		return charge;
	}

	@GetMapping
	List<Charge> charges() {
		return this.ledger.newestFirst();
	}

}
