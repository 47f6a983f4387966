package io.idempotency.gauntlet;

import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * A handler for each version of an API.
 */
@RestController
class Versions {

	private final Ledger ledger;

	Versions(Ledger ledger) {
		this.ledger = ledger;
	}

	@PostMapping(path = "/v/versioned", version = "1")
	String first() {
		this.ledger.charge();
		return "the first version";
	}

	@PostMapping(path = "/v/versioned", version = "2")
	String second() {
		this.ledger.charge();
		return "the second version";
	}

}
