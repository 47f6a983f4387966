package io.idempotency.gauntlet;

import java.nio.charset.StandardCharsets;

import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/**
 * It may not be annotated.
 */
@Controller
@RequestMapping("/a")
class StreamingHandlers {

	private final Ledger ledger;

	StreamingHandlers(Ledger ledger) {
		this.ledger = ledger;
	}

	@PostMapping("/streaming")
	StreamingResponseBody streaming() {
		this.ledger.charge();
		return (out) -> out.write("streamed".getBytes(StandardCharsets.UTF_8));
	}

}
