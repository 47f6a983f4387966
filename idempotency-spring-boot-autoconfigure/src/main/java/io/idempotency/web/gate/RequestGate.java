package io.idempotency.web.gate;

import java.io.IOException;
import java.util.function.Supplier;

import io.idempotency.engine.Attempt;
import io.idempotency.engine.Claim;
import io.idempotency.engine.Entry;
import io.idempotency.engine.Execution;
import io.idempotency.engine.IdempotencyEngine;
import io.idempotency.engine.IdempotencyEvent;
import io.idempotency.engine.IdempotencyListeners;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.engine.RequestTracing;
import io.idempotency.engine.Waiting;
import io.idempotency.policy.EngineProperties.OnStoreFailure;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.web.IdempotencyException;
import io.idempotency.web.ProtectedRequest;
import io.idempotency.web.operation.Operation;
import io.idempotency.web.operation.OperationReader;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Decides what happens to a request to a protected handler. It asks the engine and
 * applies the properties.
 */
public final class RequestGate {

	private static final Log logger = LogFactory.getLog(RequestGate.class);

	private static final Decision UNPROTECTED = new Decision.Unprotected();

	private final GateRules rules;

	private final OperationReader operations;

	private final IdempotencyEngine engine;

	private final IdempotencyListeners listeners;

	private final RequestTracing tracing;

	private final Problems problems;

	/**
	 * Creates a gate.
	 * @param rules the settings of the gate
	 * @param operations reads the operations of requests
	 * @param engine decides about operations
	 * @param listeners are told the outcome of requests that run no protected handler
	 * @param tracing is told the trace that a replayed response comes from
	 * @param problems creates the refusals
	 */
	public RequestGate(GateRules rules, OperationReader operations, IdempotencyEngine engine,
			IdempotencyListeners listeners, RequestTracing tracing, Problems problems) {
		this.rules = rules;
		this.operations = operations;
		this.engine = engine;
		this.listeners = listeners;
		this.tracing = tracing;
		this.problems = problems;
	}

	/**
	 * Decides about a request.
	 * @param policy how its handler is protected
	 * @param request the request
	 * @param patience returns how long the request may wait for another one; called after
	 * the request was read
	 * @return the decision
	 * @throws IOException if the body cannot be read
	 */
	public Decision decide(ProtectionPolicy policy, ProtectedRequest request, Supplier<Patience> patience)
			throws IOException {
		String key;
		try {
			key = this.operations.readKey(request);
		}
		catch (IllegalArgumentException ex) {
			return refuse(this.problems.keyInvalid(ex), null, Operation.name(request));
		}
		if (key == null) {
			return withoutKey(policy, request);
		}
		return decide(this.operations.read(request, key, policy), patience.get());
	}

	/**
	 * Decides about a request without a key. In many applications, this is the usual
	 * case, so no event is created unless there is a listener.
	 */
	private Decision withoutKey(ProtectionPolicy policy, ProtectedRequest request) {
		if (policy.keyRequired()) {
			return refuse(this.problems.keyMissing(), null, Operation.name(request));
		}
		if (this.listeners.listen()) {
			tell(RequestOutcome.UNPROTECTED, null, Operation.name(request));
		}
		return UNPROTECTED;
	}

	private Decision decide(Operation operation, Patience patience) {
		Claim claim = claim(operation);
		Attempt attempt = this.engine.begin(claim);
		if (attempt instanceof Attempt.InProgress && !patience.left().isZero()) {
			Waiting waiting = this.engine.awaitChange(claim, patience.left(), patience.bytes());
			if (waiting != null && waiting.lookNow()) {
				attempt = this.engine.begin(claim);
			}
			if (waiting != null && attempt instanceof Attempt.InProgress) {
				return new Decision.Wait(operation, waiting.change());
			}
			if (waiting != null) {
				waiting.change().cancel(false);
			}
		}
		if (!patience.waited().isZero()) {
			this.listeners.onWaited(patience.waited());
		}
		return decide(operation, attempt, !patience.waited().isZero());
	}

	private static Claim claim(Operation operation) {
		ProtectionPolicy policy = operation.policy();
		return new Claim(policy.store(), operation.recordKey(), operation.fingerprint(), policy.expiry(),
				operation.name(), Entry.HTTP);
	}

	private Decision decide(Operation operation, Attempt attempt, boolean waited) {
		if (attempt instanceof Attempt.Proceed proceed) {
			return run(operation, proceed.execution());
		}
		if (attempt instanceof Attempt.Replay replay) {
			return replay(operation, replay.response());
		}
		if (attempt instanceof Attempt.ResponseNotStored && operation.policy().manual()) {
			tell(RequestOutcome.REPLAY, operation.recordKey(), operation.name());
			return new Decision.Replay(operation, null, false);
		}
		if (attempt instanceof Attempt.StoreUnavailable unavailable) {
			return withoutStore(unavailable.cause(), operation);
		}
		return refuse(this.problems.refusal(attempt, operation.key(), waited), operation.recordKey(), operation.name());
	}

	private Decision run(Operation operation, Execution execution) {
		ProtectionPolicy policy = operation.policy();
		if (!policy.transactional()) {
			return new Decision.Run(operation, execution,
					policy.streaming() ? Hold.nothing() : Hold.upTo(this.rules.maxResponseSize()));
		}
		try {
			execution.begin();
			return new Decision.Run(operation, execution, Hold.allUpTo(this.rules.maxTransactionalResponseSize()));
		}
		catch (RuntimeException ex) {
			logger.warn("A request is refused, because no transaction could be started: " + ex);
			return new Decision.Refuse(this.problems.storeUnavailable(ex));
		}
	}

	private Decision replay(Operation operation, StoredResponse stored) {
		tell(RequestOutcome.REPLAY, operation.recordKey(), operation.name());
		StoredNotes notes = StoredNotes.of(stored);
		if (notes.traceId() != null) {
			this.tracing.replays(notes.traceId());
		}
		return new Decision.Replay(operation, notes.response(), notes.redirect());
	}

	private Decision withoutStore(RuntimeException cause, Operation operation) {
		if (this.rules.onStoreFailure() == OnStoreFailure.PROCEED) {
			logger.debug("A request runs unprotected, since the idempotency store failed", cause);
			tell(RequestOutcome.UNPROTECTED, operation.recordKey(), operation.name());
			return UNPROTECTED;
		}
		logger.debug("A request is refused, since the idempotency store failed", cause);
		return refuse(this.problems.storeUnavailable(cause), operation.recordKey(), operation.name());
	}

	private Decision refuse(IdempotencyException refusal, @Nullable RecordKey recordKey, String operation) {
		tell(refusal.getReason().outcome(), recordKey, operation);
		return new Decision.Refuse(refusal);
	}

	private void tell(RequestOutcome outcome, @Nullable RecordKey recordKey, String operation) {
		this.listeners.onRequest(new IdempotencyEvent(outcome, recordKey, operation, Entry.HTTP));
	}

}
