package io.idempotency.method;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import io.idempotency.engine.Attempt;
import io.idempotency.engine.Claim;
import io.idempotency.engine.Entry;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListeners;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.engine.Waiting;
import io.idempotency.policy.EngineProperties.OnStoreFailure;
import io.idempotency.policy.KeyText;
import io.idempotency.store.Outcome;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Asks the engine whether a call may run, waits for concurrent calls, and refuses calls
 * that must not run.
 */
final class CallGate {

	private static final Log logger = LogFactory.getLog(CallGate.class);

	private final IdempotencyEngine engine;

	private final IdempotencyListeners listeners;

	private final OnStoreFailure onStoreFailure;

	CallGate(IdempotencyEngine engine, IdempotencyListeners listeners, OnStoreFailure onStoreFailure) {
		this.engine = engine;
		this.listeners = listeners;
		this.onStoreFailure = onStoreFailure;
	}

	/**
	 * Decides about a call whose record is held by a lease.
	 * @return an attempt that runs or has a result, or {@code null} if the call runs
	 * unprotected
	 * @throws IdempotentCallException if the work must not run
	 */
	@Nullable Attempt enter(Call call) {
		Claim claim = call.claim();
		return enter(call, (atMost) -> this.engine.begin(claim));
	}

	/**
	 * Decides about a call whose record is in the same transaction as its work.
	 * @param outcome what later calls get unless it is replaced
	 * @return an attempt that runs or has a result, or {@code null} if the call runs
	 * unprotected
	 * @throws IdempotentCallException if the work must not run
	 * @throws RuntimeException if the caller's transaction failed
	 */
	@Nullable Attempt enlist(Call call, Outcome outcome) {
		return enter(call, (atMost) -> ask(call, outcome, atMost));
	}

	/**
	 * Tries once to enlist the record of a call in the transaction of its work.
	 */
	Attempt ask(Call call, Outcome outcome, Duration atMost) {
		return this.engine.enlist(call.claim(), outcome, atMost);
	}

	private @Nullable Attempt enter(Call call, Function<Duration, Attempt> question) {
		Duration most = call.waitTimeout();
		long began = System.nanoTime();
		Attempt attempt = question.apply(most);
		boolean waits = attempt instanceof Attempt.InProgress && !most.isZero();
		if (waits) {
			attempt = await(call.claim(), question, began, most);
		}
		if (attempt instanceof Attempt.Proceed || attempt instanceof Attempt.Enlisted) {
			return attempt;
		}
		if (attempt instanceof Attempt.Result || attempt instanceof Attempt.Replay) {
			tell(RequestOutcome.REPLAY, call);
			return attempt;
		}
		if (attempt instanceof Attempt.StoreUnavailable away && this.onStoreFailure == OnStoreFailure.PROCEED) {
			logger.debug(call.operation() + " runs unprotected, because the idempotency store failed", away.cause());
			tell(RequestOutcome.UNPROTECTED, call);
			return null;
		}
		throw refusal(attempt, call, waits);
	}

	private IdempotentCallException refusal(Attempt attempt, Call call, boolean waited) {
		String operation = call.operation();
		if (attempt instanceof Attempt.InProgress) {
			tell(waited ? RequestOutcome.WAIT_TIMEOUT : RequestOutcome.IN_PROGRESS, call);
			return new IdempotencyInProgressException(operation, waited);
		}
		if (attempt instanceof Attempt.KeyReused) {
			tell(RequestOutcome.KEY_REUSED, call);
			return new IdempotencyKeyReusedException(operation, KeyText.abbreviate(call.key()));
		}
		if (attempt instanceof Attempt.OutcomeUnknown) {
			tell(RequestOutcome.OUTCOME_UNKNOWN, call);
			return new IdempotencyOutcomeUnknownException(operation);
		}
		if (attempt instanceof Attempt.Resumable) {
			tell(RequestOutcome.RESUME_FAILED, call);
			return new IdempotencyResultException(operation,
					"an earlier call has left steps, and a call in a transaction cannot continue with them", null);
		}
		if (attempt instanceof Attempt.ResponseNotStored) {
			tell(RequestOutcome.RESPONSE_NOT_STORED, call);
			return new IdempotencyResultException(operation,
					"the work has run before, but its result was not stored; the log of that run says why", null);
		}
		tell(RequestOutcome.STORE_UNAVAILABLE, call);
		if (attempt instanceof Attempt.StoreUnavailable away) {
			return new IdempotencyStoreException(operation, true, away.cause());
		}
		if (attempt instanceof Attempt.RecordUnreadable unreadable) {
			logger.error(operation + " is refused: " + unreadable.cause().getMessage());
			return new IdempotencyStoreException(operation, false, unreadable.cause());
		}
		throw new IllegalStateException("Not a refusal: " + attempt);
	}

	/**
	 * Blocks the calling thread until the record has an outcome, is free, or the wait
	 * times out.
	 */
	private Attempt await(Claim claim, Function<Duration, Attempt> question, long began, Duration most) {
		Attempt attempt = new Attempt.InProgress();
		Duration left = left(began, most);
		while (attempt instanceof Attempt.InProgress && !left.isZero() && !Thread.currentThread().isInterrupted()) {
			Waiting waiting = this.engine.awaitChange(claim, left, 0);
			if (waiting == null) {
				break;
			}
			try {
				attempt = waiting.lookNow() ? question.apply(left) : attempt;
				if (attempt instanceof Attempt.InProgress) {
					await(waiting, left);
					attempt = question.apply(left(began, most));
				}
			}
			finally {
				waiting.change().cancel(false);
			}
			left = left(began, most);
		}
		this.listeners.onWaited(Duration.ofNanos(System.nanoTime() - began));
		return attempt;
	}

	private static Duration left(long began, Duration most) {
		return Duration.ofNanos(Math.max(0, most.toNanos() - (System.nanoTime() - began)));
	}

	private static void await(Waiting waiting, Duration atMost) {
		try {
			waiting.change().get(atMost.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.trace("The wait ended without a change of the record", ex);
		}
	}

	/**
	 * Notifies the listeners of the outcome of a call that does not run under a lease.
	 */
	void tell(RequestOutcome outcome, Call call) {
		this.listeners.onRequest(new IdempotencyEvent(outcome, call.recordKey(), call.operation(), call.entry()));
	}

	/**
	 * Notifies the listeners of a call without a key.
	 */
	void tell(RequestOutcome outcome, String operation, Entry entry) {
		this.listeners.onRequest(new IdempotencyEvent(outcome, null, operation, entry));
	}

}
