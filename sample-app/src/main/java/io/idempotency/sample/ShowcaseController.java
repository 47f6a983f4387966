package io.idempotency.sample;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import io.idempotency.IdempotencyContext;
import io.idempotency.IdempotencyExempt;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.store.Acquisition;
import io.idempotency.store.IdempotencyStore;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResult;
import io.idempotency.web.IdempotencyProperties;
import io.idempotency.web.IdempotencyProperties.KeySyntax;
import jakarta.validation.Valid;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Serves the data of the page at {@code /}. It shows keys and payments to everybody, and
 * lets clients slow it down. A service in production does neither.
 */
@RestController
@RequestMapping("/showcase")
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
class ShowcaseController {

	static final String DELAY_HEADER = "Showcase-Delay";

	private static final int LONGEST_DELAY = 90;

	private static final int CHARGES_SHOWN = 30;

	private final PaymentController payments;

	private final ProviderController provider;

	private final PaymentProvider providerClient;

	private final ShowcaseObserver observer;

	private final IdempotencyEngine engine;

	private final IdempotencyStore store;

	private final Settings settings;

	ShowcaseController(PaymentController payments, ProviderController provider, PaymentProvider providerClient,
			ShowcaseObserver observer, IdempotencyEngine engine, IdempotencyStore store,
			IdempotencyProperties properties, ObjectProvider<PaymentMessages> messages) {
		this.payments = payments;
		this.provider = provider;
		this.providerClient = providerClient;
		this.observer = observer;
		this.engine = engine;
		this.store = store;
		this.settings = new Settings(store.getClass().getSimpleName().replace("IdempotencyStore", ""),
				properties.keyHeader(), properties.keySyntax() == KeySyntax.STRICT, properties.replayHeader(),
				properties.waitTimeout().toSeconds(), messages.stream().findAny().isPresent());
	}

	/**
	 * Pays like {@code /payments}, but after the delay that the client asks for, so that
	 * one can watch what happens to requests that arrive during it.
	 */
	@PostMapping("/payments")
	ResponseEntity<Payment> pay(@RequestHeader(name = DELAY_HEADER, defaultValue = "0") int delayInSeconds,
			@Valid @RequestBody PaymentRequest request, IdempotencyContext context) throws InterruptedException {
		this.observer.handlerRuns(context, "/showcase/payments");
		Thread.sleep(Duration.ofSeconds(Math.max(0, Math.min(delayInSeconds, LONGEST_DELAY))).toMillis());
		return this.payments.pay(request);
	}

	@GetMapping("/state")
	@IdempotencyExempt
	State state() {
		List<LedgerLine> ledger = LedgerLine.newestFirst(this.payments.ledger(), this.provider.charges());
		return new State(this.settings, Instant.now(), this.observer.totals(), this.observer.effects(), running(),
				this.engine.waiting(), operations(), ledger.size(), ledger.stream().limit(CHARGES_SHOWN).toList());
	}

	/**
	 * Returns how many handlers run that hold a lease, without those of the provider,
	 * which is another service. While an order waits for the provider, its own handler
	 * runs, and one of the provider's may.
	 */
	private int running() {
		int unanswered = this.providerClient.unanswered();
		return Math.max(unanswered, this.engine.leasesHeld() - unanswered);
	}

	/**
	 * Reads the records. A store that does not answer is asked only once, not for each
	 * record.
	 */
	private List<Operation> operations() {
		List<Operation> operations = new ArrayList<>();
		ShownRecord stored = ShownRecord.NONE;
		for (ShowcaseObserver.Observed observed : this.observer.newestFirst()) {
			stored = (stored != ShownRecord.UNKNOWN) ? record(observed.recordKey()) : stored;
			operations.add(new Operation(observed.key(), observed.path(), observed.counts(), stored, observed.steps(),
					observed.changedAt()));
		}
		return operations;
	}

	private ShownRecord record(RecordKey recordKey) {
		try {
			return this.store.find(recordKey).map((found) -> describe(found.content())).orElse(ShownRecord.NONE);
		}
		catch (RuntimeException ex) {
			return ShownRecord.UNKNOWN;
		}
	}

	private static ShownRecord describe(Acquisition found) {
		if (found instanceof Acquisition.Completed completed) {
			if (completed.outcome() instanceof StoredResult result) {
				return new ShownRecord("completed", null, result.json().length);
			}
			return (completed.outcome() instanceof StoredResponse response)
					? new ShownRecord("completed", response.status(), response.body().length)
					: new ShownRecord("completed", null, null);
		}
		if (found instanceof Acquisition.Resumable) {
			return new ShownRecord("resumable", null, null);
		}
		return new ShownRecord((found instanceof Acquisition.Abandoned) ? "abandoned" : "in progress", null, null);
	}

	/**
	 * What the page shows.
	 *
	 * @param now the current time, by the clock of all other times
	 * @param totals the requests of this instance since its start
	 * @param effects what their handlers did
	 * @param running how many handlers that are protected by a key are running
	 * @param waiting how many requests wait for the response of another one
	 * @param operations the newest operations
	 * @param charges how many charges the ledger has, from all instances
	 * @param ledger the newest lines of the ledger
	 */
	record State(Settings settings, Instant now, ShowcaseObserver.Counts totals, ShowcaseObserver.Effects effects,
			int running, int waiting, List<Operation> operations, int charges, List<LedgerLine> ledger) {
	}

	/**
	 * The settings that the page needs to send a key and to interpret the response.
	 */
	record Settings(String store, String keyHeader, boolean quotedKeys, String replayHeader, long waitTimeoutSeconds,
			boolean messages) {
	}

	/**
	 * The requests with one key, and what is stored for it.
	 *
	 * @param steps the steps of the newest attempt
	 * @param changedAt when a handler was last called or ended for the key
	 */
	record Operation(@Nullable String key, String path, ShowcaseObserver.Counts counts, ShownRecord stored,
			List<ShowcaseObserver.TakenStep> steps, Instant changedAt) {
	}

	/**
	 * The current record in the store.
	 *
	 * @param status the status of the stored response, if there is one
	 * @param bytes the size of its body
	 */
	record ShownRecord(String state, @Nullable Integer status, @Nullable Integer bytes) {

		static final ShownRecord NONE = new ShownRecord("none", null, null);

		static final ShownRecord UNKNOWN = new ShownRecord("unknown", null, null);

	}

}
