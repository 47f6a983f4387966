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
import io.idempotency.engine.RequestOutcome;
import io.idempotency.engine.ResumedAttempt;
import io.idempotency.engine.StepEvent;
import io.idempotency.store.RecordKey;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.stereotype.Component;
import org.springframework.web.context.request.RequestContextHolder;
import org.springframework.web.context.request.ServletRequestAttributes;

/**
 * Counts what becomes of the requests of this instance. It remembers the newest keys
 * only.
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

	/**
	 * Learns that a handler runs. Listeners are told only when it has ended.
	 * @param place where its request or message came to
	 */
	synchronized void handlerRuns(@Nullable IdempotencyContext context, String place) {
		if (context != null && context.recordKey() != null) {
			change(context.recordKey(), context.key(), place, Observed::changed);
		}
	}

	@Override
	public synchronized void onRequest(IdempotencyEvent event) {
		Counts counts = Counts.of(event.outcome());
		RecordKey recordKey = event.recordKey();
		if (recordKey != null) {
			changeOfRequest(recordKey, event.operation(), (known) -> known.plus(counts));
		}
		else if (isPage()) {
			return;
		}
		this.totals = this.totals.plus(counts);
	}

	/**
	 * The steps of the attempt before come again, as resumed ones.
	 */
	@Override
	public synchronized void onResumed(ResumedAttempt attempt) {
		changeOfRequest(attempt.recordKey(), attempt.operation(), Observed::withoutSteps);
	}

	@Override
	public synchronized void onStep(StepEvent event) {
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
	 * Pages are protected, too, where the settings say so, but pay nothing.
	 */
	private static boolean isPage() {
		HttpServletRequest request = request();
		return request != null && request.getMethod().equals("GET");
	}

	private static @Nullable String key(@Nullable HttpServletRequest request) {
		return (request != null && request.getAttribute(IdempotencyContext.ATTRIBUTE) instanceof IdempotencyContext key)
				? key.key() : null;
	}

	/**
	 * Returns the request that is handled now, if an event is told of on its thread.
	 */
	private static @Nullable HttpServletRequest request() {
		return (RequestContextHolder.getRequestAttributes() instanceof ServletRequestAttributes attributes)
				? attributes.getRequest() : null;
	}

	synchronized Counts totals() {
		return this.totals;
	}

	synchronized List<Observed> newestFirst() {
		List<Observed> newestFirst = new ArrayList<>(this.observed.values());
		Collections.reverse(newestFirst);
		return newestFirst;
	}

	/**
	 * The requests with one key.
	 *
	 * @param path where the first of them that was seen was sent to
	 * @param steps those of the newest attempt
	 * @param changedAt when a handler was last called for it or has ended
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
	 * @param resumed whether an attempt before has taken it
	 */
	record TakenStep(String name, boolean resumed) {
	}

	/**
	 * How many requests had their handler run and end, were answered with the first
	 * response, and were refused.
	 *
	 * @param unprotected those of the runs that had no key
	 */
	record Counts(int runs, int replays, int refusals, int unprotected) {

		static final Counts NONE = new Counts(0, 0, 0, 0);

		static Counts of(RequestOutcome outcome) {
			return switch (outcome) {
				case FIRST, NOT_STORED, ABANDONED, LEASE_LOST, ROLLED_BACK, GIVEN_UP, COMMIT_FAILED, RESUME_FAILED ->
					new Counts(1, 0, 0, 0);
				case UNPROTECTED -> new Counts(1, 0, 0, 1);
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

}
