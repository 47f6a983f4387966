package io.idempotency.conformance;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;

import io.idempotency.IdempotencyContext;
import io.idempotency.forms.IdempotencyForm;
import io.idempotency.store.StoredResponse;
import jakarta.servlet.http.HttpServletResponse;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

import static org.springframework.web.bind.annotation.RequestMethod.DELETE;
import static org.springframework.web.bind.annotation.RequestMethod.GET;
import static org.springframework.web.bind.annotation.RequestMethod.HEAD;
import static org.springframework.web.bind.annotation.RequestMethod.OPTIONS;
import static org.springframework.web.bind.annotation.RequestMethod.PATCH;
import static org.springframework.web.bind.annotation.RequestMethod.POST;
import static org.springframework.web.bind.annotation.RequestMethod.PUT;

/**
 * Handlers of the kinds that the sample has none of. Each says in its response which run
 * it was.
 */
@RestController
@Import(Runs.class)
class ConformanceController {

	static final String CLIENT = "X-Client";

	static final String RUN = "X-Run";

	private final Runs runs;

	private final ObjectProvider<IdempotencyForm> form;

	ConformanceController(Runs runs, ObjectProvider<IdempotencyForm> form) {
		this.runs = runs;
		this.form = form;
	}

	@RequestMapping(path = { "/things", "/other-things" }, method = { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS })
	ResponseEntity<Map<String, Integer>> create(@RequestHeader(CLIENT) String client) {
		int run = this.runs.next(client);
		return ResponseEntity.created(URI.create("/things/" + run))
			.header(RUN, Integer.toString(run))
			.header("X-Several", "one", "two")
			.body(Map.of("run", run));
	}

	@PostMapping("/slow")
	ResponseEntity<Map<String, Integer>> createSlowly(@RequestHeader(CLIENT) String client)
			throws InterruptedException {
		int run = this.runs.next(client);
		this.runs.hold(client);
		return ResponseEntity.status(HttpStatus.CREATED).body(Map.of("run", run));
	}

	@PostMapping("/status/{status}")
	ResponseEntity<Map<String, Integer>> answer(@RequestHeader(CLIENT) String client, @PathVariable int status) {
		int run = this.runs.next(client);
		ResponseEntity.BodyBuilder response = ResponseEntity.status(status).header(RUN, Integer.toString(run));
		return (status != 204) ? response.body(Map.of("run", run)) : response.build();
	}

	@PostMapping("/refuse")
	void refuse(@RequestHeader(CLIENT) String client) {
		throw new ResponseStatusException(HttpStatus.BAD_REQUEST, "Run " + this.runs.next(client));
	}

	@PostMapping("/fail-once")
	Map<String, Integer> failOnce(@RequestHeader(CLIENT) String client) {
		int run = this.runs.next(client);
		if (run == 1) {
			throw new IllegalStateException("The first run fails");
		}
		return Map.of("run", run);
	}

	@PostMapping("/echo")
	ResponseEntity<byte[]> echo(@RequestHeader(CLIENT) String client, @RequestParam String type,
			@RequestBody byte[] body) {
		return ResponseEntity.ok()
			.contentType(MediaType.parseMediaType(type))
			.header(RUN, Integer.toString(this.runs.next(client)))
			.body(body);
	}

	@PostMapping("/untyped")
	void writeWithoutType(@RequestHeader(CLIENT) String client, @RequestBody byte[] body, HttpServletResponse response)
			throws IOException {
		response.setHeader(RUN, Integer.toString(this.runs.next(client)));
		response.getOutputStream().write(body);
	}

	@PostMapping("/stream")
	ResponseEntity<StreamingResponseBody> stream(@RequestHeader(CLIENT) String client) {
		this.runs.next(client);
		return ResponseEntity.ok().contentType(MediaType.TEXT_PLAIN).body(ConformanceController::writeChunks);
	}

	private static void writeChunks(OutputStream out) throws IOException {
		for (int chunk = 1; chunk <= 3; chunk++) {
			out.write(("chunk " + chunk + ";").getBytes(StandardCharsets.UTF_8));
			out.flush();
		}
	}

	@PostMapping("/redirect")
	ResponseEntity<Void> redirect(@RequestHeader(CLIENT) String client) {
		return ResponseEntity.status(HttpStatus.SEE_OTHER)
			.location(URI.create("/things/" + this.runs.next(client)))
			.build();
	}

	@PostMapping("/cookie")
	ResponseEntity<String> setCookie(@RequestHeader(CLIENT) String client) {
		return ResponseEntity.created(URI.create("/things/" + this.runs.next(client)))
			.header("Set-Cookie", "session=secret")
			.body("created");
	}

	@GetMapping(path = "/page", produces = MediaType.TEXT_HTML_VALUE)
	String page() {
		return "<form method=\"post\" action=\"/form\">" + this.form.getObject().getHiddenInput()
				+ "<input name=\"amount\"/></form>";
	}

	@PostMapping("/form")
	String submit(@RequestHeader(CLIENT) String client, @RequestParam String amount) {
		return "Paid " + amount + " in run " + this.runs.next(client);
	}

	@PostMapping("/context")
	String describe(@RequestHeader(CLIENT) String client, IdempotencyContext idempotency) {
		this.runs.next(client);
		return describe(idempotency);
	}

	static String describe(IdempotencyContext idempotency) {
		StoredResponse stored = idempotency.storedResponse();
		return "retry: " + idempotency.isRetry() + ", stored: "
				+ ((stored != null) ? stored.status() + " " + new String(stored.body(), StandardCharsets.UTF_8) : null);
	}

}
