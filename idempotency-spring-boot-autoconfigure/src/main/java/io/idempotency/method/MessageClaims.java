package io.idempotency.method;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import io.idempotency.engine.Attempt;
import io.idempotency.engine.RequestOutcome;
import io.idempotency.method.CallRun.RunRules;
import io.idempotency.result.ResultJson;
import io.idempotency.store.RecordKey;
import org.jspecify.annotations.Nullable;

/**
 * Claims the messages of a batch, each by its key, before they are delivered to a
 * listener. The claims must always be {@linkplain #settle settled}, even after a failure.
 * <p>
 * Public for the integrations of message brokers; not intended for applications.
 */
public final class MessageClaims {

	private static final ThreadLocal<ProtectedMethod> DELIVERING = new ThreadLocal<>();

	private static final Object[] NO_ARGUMENTS = {};

	private final Object bean;

	private final ProtectedMethod method;

	private final CallKeys keys;

	private final ResultJson json;

	private final CallGate gate;

	private final RunRules rules;

	/**
	 * The runs of messages in the order of their claims; {@code null} for messages that
	 * run unprotected.
	 */
	private final List<@Nullable CallRun> runs = new ArrayList<>();

	private final Set<RecordKey> claimed = new HashSet<>();

	MessageClaims(Object bean, ProtectedMethod method, CallKeys keys, ResultJson json, CallGate gate, RunRules rules) {
		this.bean = bean;
		this.method = method;
		this.keys = keys;
		this.json = json;
		this.gate = gate;
		this.rules = rules;
	}

	/**
	 * Returns whether the calling thread delivers claimed messages to a method.
	 */
	static boolean isDelivering(ProtectedMethod method) {
		return DELIVERING.get() == method;
	}

	/**
	 * Claims the next message.
	 * @param message the message
	 * @return whether to deliver the message to the listener; {@code false} if it was
	 * processed before, or is a duplicate of an earlier message of this batch
	 * @throws IdempotentCallException if the message must not be processed, temporarily
	 * or permanently
	 */
	public boolean claim(IncomingMessage message) {
		Call call = this.method.call(this.bean, NO_ARGUMENTS, message, this.keys, this.json);
		if (call == null) {
			this.gate.tell(RequestOutcome.UNPROTECTED, this.method.operation(), message.entry());
			return this.runs.add(null);
		}
		Attempt attempt;
		try {
			attempt = this.gate.enter(call);
		}
		catch (IdempotencyInProgressException ex) {
			if (this.claimed.contains(call.recordKey())) {
				return false;
			}
			throw ex;
		}
		if (attempt instanceof Attempt.Proceed proceed) {
			this.claimed.add(call.recordKey());
			return this.runs.add(new CallRun(call, proceed.execution(), this.rules));
		}
		return attempt == null && this.runs.add(null);
	}

	/**
	 * Delivers the claimed messages to the listener. The advice of its method does not
	 * claim them again.
	 * @param <E> the type of exception that the listener may throw
	 * @param listener calls the listener
	 * @throws E if the listener throws it
	 */
	public <E extends Throwable> void deliver(IncomingMessage.Delivery<E> listener) throws E {
		DELIVERING.set(this.method);
		try {
			listener.deliver();
		}
		finally {
			DELIVERING.remove();
		}
	}

	/**
	 * Completes the keys of the messages that were processed, and frees the keys of the
	 * others.
	 * @param processed how many of the claimed messages the listener processed, from the
	 * first one on
	 */
	public void settle(int processed) {
		for (int i = 0; i < this.runs.size(); i++) {
			CallRun run = this.runs.get(i);
			if (run != null && i < processed) {
				run.returned(null);
			}
			else if (run != null) {
				run.free();
			}
		}
		this.runs.clear();
	}

}
