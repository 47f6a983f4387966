package io.idempotency.gauntlet;

import io.idempotency.Idempotent;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/**
 * The handlers for {@code mode=annotated}.
 */
final class AnnotatedHandlers {

	private AnnotatedHandlers() {
	}

	@Controller
	@RequestMapping("/h")
	@Idempotent(optional = true)
	static class Synchronous extends Handlers {

		Synchronous(Ledger ledger) {
			super(ledger);
		}

	}

	@Controller
	@RequestMapping("/a")
	@Idempotent(optional = true)
	static class Asynchronous extends AsyncHandlers {

		Asynchronous(Ledger ledger) {
			super(ledger);
		}

	}

}
