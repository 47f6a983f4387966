package io.idempotency.sample;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import io.idempotency.IdempotencyContext;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListener;
import io.idempotency.engine.ResumedAttempt;
import io.idempotency.engine.StepEvent;
import io.idempotency.store.RecordKey;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.http.HttpStatusCode;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Counts the outcomes of the requests of this instance, and what their handlers do. It
 * remembers only the newest keys. Requests to the payment provider are not counted,
 * because the provider is another service.
 */
@Component
@ConditionalOnBooleanProperty(name = "idempotency.enabled", matchIfMissing = true)
class ShowcaseObserver implements IdempotencyListener {

	static final int MOST_KEYS = 20;

	private final Map<RecordKey, Observed> observed = new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<RecordKey, Observed> eldest) {
			return size() > MOST_KEYS;
		}

	};

	private Counts totals = Counts.NONE;

	private Effects effects = Effects.NONE;

	/**
	 * Called when a handler begins to run. Listeners are called only when it has ended.
	 * @param place where its request or message was sent to
	 */
	synchronized void handlerRuns(@Nullable IdempotencyContext context, String place) {
		if (context != null && context.recordKey() != null) {
			change(context.recordKey(), context.key(), place, Observed::changed);
		}
	}

	@Override
	public synchronized void onRequest(IdempotencyEvent event) {
		if (isOfProvider(event.operation())) {
			return;
		}
		Counts counts = Counts.of(event);
		RecordKey recordKey = event.recordKey();
		if (recordKey != null) {
			changeOfRequest(recordKey, event.operation(), (known) -> known.plus(counts));
		}
		else if (isPage()) {
			return;
		}
		this.totals = this.totals.plus(counts);
		if (counts.runs() > 0 && isAnsweredAsInvalid()) {
			this.effects = this.effects.plus(Effects.INVALID);
		}
	}

	@TransactionalEventListener(fallbackExecution = true)
	synchronized void onPayment(Payment payment) {
		this.effects = this.effects.plus(Effects.PAYMENT);
	}

	@TransactionalEventListener(fallbackExecution = true)
	synchronized void onRefund(Refund refund) {
		this.effects = this.effects.plus(Effects.REFUND);
	}

	/**
	 * Removes the steps of the previous attempt, because they are reported again as
	 * resumed steps.
	 */
	@Override
	public synchronized void onResumed(ResumedAttempt attempt) {
		changeOfRequest(attempt.recordKey(), attempt.operation(), Observed::withoutSteps);
	}

	@Override
	public synchronized void onStep(StepEvent event) {
		if (event.step().equals(OrderService.CAPTURE) && !event.resumed()) {
			this.effects = this.effects.plus(Effects.ORDER);
		}
		changeOfRequest(event.recordKey(), event.operation(),
				(known) -> known.plus(new TakenStep(event.step(), event.resumed())));
	}

	private void changeOfRequest(RecordKey recordKey, String operation, UnaryOperator<Observed> change) {
		HttpServletRequest request = request();
		change(recordKey, key(request), (request != null) ? request.getRequestURI() : operation, change);
	}

	private void change(RecordKey recordKey, @Nullable String key, String place, UnaryOperator<Observed> change) {
		Observed known = this.observed.get(recordKey);
		if (known == null) {
			known = new Observed(recordKey, key, place, Counts.NONE, List.of(), Instant.now());
		}
		this.observed.put(recordKey, change.apply(known));
	}

	/**
	 * Returns whether the request is for a page. Pages are protected, too, if the
	 * settings say so, but do not pay anything.
	 */
	private static boolean isPage() {
		HttpServletRequest request = request();
		return request != null && request.getMethod().equals("GET");
	}

	private static boolean isOfProvider(String operation) {
		return operation.endsWith(ProviderController.PATH);
	}

	/**
	 * Returns whether the client was told that its request is wrong.
	 */
	private static boolean isAnsweredAsInvalid() {
		ServletRequestAttributes attributes = attributes();
		HttpServletResponse response = (attributes != null) ? attributes.getResponse() : null;
		return response != null && HttpStatusCode.valueOf(response.getStatus()).is4xxClientError();
	}

	private static @Nullable String key(@Nullable HttpServletRequest request) {
		return (request != null && request.getAttribute(IdempotencyContext.ATTRIBUTE) instanceof IdempotencyContext key)
				? key.key() : null;
	}

	/**
	 * Returns the current request, or {@code null} if the event is not reported on the
	 * thread of a request.
	 */
	private static @Nullable HttpServletRequest request() {
		ServletRequestAttributes attributes = attributes();
		return (attributes != null) ? attributes.getRequest() : null;
	}

	private static @Nullable ServletRequestAttributes attributes() {
		return (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes) ? attributes
				: null;
	}

	synchronized Counts totals() {
		return this.totals;
	}

	synchronized Effects effects() {
		return this.effects;
	}

	synchronized List<Observed> newestFirst() {
		List<Observed> newestFirst = new ArrayList<>(this.observed.values());
		Collections.reverse(newestFirst);
		return newestFirst;
	}

	/**
	 * The requests with one key.
	 *
	 * @param path where the first observed request was sent to
	 * @param steps the steps of the newest attempt
	 * @param changedAt when a handler was last called or ended for the key
	 */
	record Observed(RecordKey recordKey, @Nullable String key, String path, Counts counts, List<TakenStep> steps,
			Instant changedAt) {

		Observed changed() {
			return new Observed(this.recordKey, this.key, this.path, this.counts, this.steps, Instant.now());
		}

		Observed plus(Counts more) {
			return new Observed(this.recordKey, this.key, this.path, this.counts.plus(more), this.steps,
					(more.runs() > 0) ? Instant.now() : this.changedAt);
		}

		Observed withoutSteps() {
			return new Observed(this.recordKey, this.key, this.path, this.counts, List.of(), this.changedAt);
		}

		Observed plus(TakenStep step) {
			List<TakenStep> all = new ArrayList<>(this.steps);
			all.add(step);
			return new Observed(this.recordKey, this.key, this.path, this.counts, List.copyOf(all), this.changedAt);
		}

	}

	/**
	 * A step of an attempt.
	 *
	 * @param resumed whether an earlier attempt has taken it
	 */
	record TakenStep(String name, boolean resumed) {
	}

	/**
	 * The number of requests by outcome.
	 *
	 * @param runs how many handlers have run and ended
	 * @param replays how many requests received the first response
	 * @param refusals how many requests were refused
	 * @param unprotected how many of the runs had no valid key
	 */
	record Counts(int runs, int replays, int refusals, int unprotected) {

		static final Counts NONE = new Counts(0, 0, 0, 0);

		static Counts of(IdempotencyEvent event) {
			return switch (event.outcome()) {
				case FIRST, NOT_STORED, ABANDONED, LEASE_LOST, ROLLED_BACK, GIVEN_UP, COMMIT_FAILED, RESUME_FAILED ->
					new Counts(1, 0, 0, 0);
				case UNPROTECTED -> new Counts(1, 0, 0, (event.recordKey() != null) ? 0 : 1);
				case REPLAY -> new Counts(0, 1, 0, 0);
				case IN_PROGRESS, WAIT_TIMEOUT, KEY_REUSED, KEY_MISSING, KEY_INVALID, RESPONSE_NOT_STORED,
						OUTCOME_UNKNOWN, STORE_UNAVAILABLE ->
					new Counts(0, 0, 1, 0);
			};
		}

		Counts plus(Counts other) {
			return new Counts(this.runs + other.runs, this.replays + other.replays, this.refusals + other.refusals,
					this.unprotected + other.unprotected);
		}

	}

	/**
	 * What handlers did that ran. One that is not counted has done nothing that matters
	 * to a ledger: it has failed or was cut off, or had nothing left to charge for.
	 *
	 * @param payments how many charged for a payment
	 * @param orders how many had an order charged by the provider
	 * @param refunds how many gave money back
	 * @param invalid how many did nothing, since the request was wrong
	 */
	record Effects(int payments, int orders, int refunds, int invalid) {

		static final Effects NONE = new Effects(0, 0, 0, 0);

		static final Effects PAYMENT = new Effects(1, 0, 0, 0);

		static final Effects ORDER = new Effects(0, 1, 0, 0);

		static final Effects REFUND = new Effects(0, 0, 1, 0);

		static final Effects INVALID = new Effects(0, 0, 0, 1);

		Effects plus(Effects other) {
			return new Effects(this.payments + other.payments, this.orders + other.orders, this.refunds + other.refunds,
					this.invalid + other.invalid);
		}

	}

}
