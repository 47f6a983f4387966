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
 * The messages of a batch that a listener is to be given, each claimed by its key. The
 * claims are kept until they are {@linkplain #settle settled}, which must happen whatever
 * else does.
 * <p>
 * Public for the integrations of message brokers; applications have no use for it.
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
	 * The runs of messages in the order of their claims; {@code null} for those that run
	 * unprotected.
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
	 * Returns whether a call of a method gives it messages that are claimed.
	 */
	static boolean isDelivering(ProtectedMethod method) {
		return DELIVERING.get() == method;
	}

	/**
	 * Claims the next message.
	 * @param message the message
	 * @return whether the listener is to be given it; {@code false} if it was processed
	 * before, or came earlier in this batch
	 * @throws IdempotentCallException if it must not run, for now or at all
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
	 * Gives the listener the messages that are claimed. The advice of its method lets
	 * them through.
	 * @param <E> what the listener may throw
	 * @param listener calls the listener
	 * @throws E if the listener does
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
	 * Completes the keys of the first messages that were claimed, and frees the others.
	 * @param processed how many of them the listener has processed
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
