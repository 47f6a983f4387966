package io.idempotency.method;

import io.idempotency.method.CallRun.RunRules;

/**
 * A protected method that is given several messages at once, each with a key of its own.
 * <p>
 * Public for the integrations of message brokers; applications have no use for it.
 */
public final class BatchListener {

	private final Object bean;

	private final ProtectedMethod method;

	private final CallKeys keys;

	private final ResultJson json;

	private final CallGate gate;

	private final RunRules rules;

	BatchListener(Object bean, ProtectedMethod method, CallKeys keys, ResultJson json, CallGate gate, RunRules rules) {
		this.bean = bean;
		this.method = method;
		this.keys = keys;
		this.json = json;
		this.gate = gate;
		this.rules = rules;
	}

	/**
	 * Begins with a batch of messages.
	 * @return the claims of its messages, of which there are none yet
	 */
	public MessageClaims begin() {
		return new MessageClaims(this.bean, this.method, this.keys, this.json, this.gate, this.rules);
	}

}
