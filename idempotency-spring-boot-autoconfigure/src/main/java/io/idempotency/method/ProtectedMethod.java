package io.idempotency.method;

import java.time.Duration;

import io.idempotency.engine.Entry;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.result.ResultJson;
import io.idempotency.result.ResultType;
import io.idempotency.store.Fingerprint;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

import org.springframework.beans.BeanUtils;
import org.springframework.expression.EvaluationException;

/**
 * How the calls of a method are protected.
 *
 * @param operation the name of the operation
 * @param listener whether the method is called by a broker's listener container
 * @param asynchronous whether the method returns an asynchronous result
 * @param key the expression for the key, or {@code null} if the message of a listener has
 * the key
 * @param fingerprint the expression for what must be the same when a key is used again,
 * or {@code null} if calls are not compared
 * @param policy how calls are protected
 * @param resultType the types of the result and of stored exceptions
 * @param waitTimeout how long a call waits for a concurrent call
 * @param joinsTransaction whether the work is part of a caller's transaction
 * @param parameters finds the payload among the arguments of a listener
 */
record ProtectedMethod(String operation, boolean listener, boolean asynchronous, @Nullable CallExpression key,
		@Nullable CallExpression fingerprint, ProtectionPolicy policy, ResultType resultType, Duration waitTimeout,
		boolean joinsTransaction, PayloadParameter parameters) {

	/**
	 * Creates a call from the arguments of the method.
	 * @return {@code null} if the call has no key and needs none
	 * @throws IdempotencyKeyInvalidException if the key is missing or invalid
	 */
	@Nullable Call call(@Nullable Object target, @Nullable Object[] arguments, CallKeys keys, ResultJson json) {
		return call(target, arguments, this.listener ? IncomingMessage.current() : null, keys, json);
	}

	/**
	 * Creates a call from the arguments of the method or from a message.
	 * @param message the message of a listener, or {@code null} if the caller is not a
	 * broker
	 */
	@Nullable Call call(@Nullable Object target, @Nullable Object[] arguments, @Nullable IncomingMessage message, CallKeys keys,
			ResultJson json) {
		Object payload = (message != null) ? this.parameters.payload(arguments, message) : null;
		String value = text(key(target, arguments, message, payload));
		if (value == null && !this.policy.keyRequired()) {
			return null;
		}
		if (value == null && message != null && this.key == null) {
			throw new IdempotencyKeyInvalidException(this.operation,
					"the message has no idempotency key: it has no CloudEvent id, no Idempotency-Key header and no message id; let the publisher set one, or declare @Idempotent(key = ...)");
		}
		String key = keys.require(this.operation, value);
		Object content = (this.fingerprint != null) ? evaluate(this.fingerprint, target, arguments, message, payload)
				: null;
		return new Call(this.operation, (message != null) ? message.entry() : Entry.METHOD, key,
				CallKeys.recordKey(this.operation, key), fingerprint(content, json), this.policy, this.resultType,
				this.waitTimeout, this.joinsTransaction);
	}

	private @Nullable Object key(@Nullable Object target, @Nullable Object[] arguments,
			@Nullable IncomingMessage message, @Nullable Object payload) {
		if (this.key != null) {
			return evaluate(this.key, target, arguments, message, payload);
		}
		return (message != null) ? message.key() : null;
	}

	private @Nullable Object evaluate(CallExpression expression, @Nullable Object target, @Nullable Object[] arguments,
			@Nullable IncomingMessage message, @Nullable Object payload) {
		try {
			return expression.value(target, arguments, message, payload);
		}
		catch (EvaluationException ex) {
			throw new IdempotencyKeyInvalidException(this.operation,
					"the expression " + expression + " cannot be evaluated: " + ex.getSimpleMessage());
		}
	}

	private @Nullable String text(@Nullable Object value) {
		if (value == null) {
			return null;
		}
		if (BeanUtils.isSimpleValueType(value.getClass())) {
			return value.toString();
		}
		throw new IdempotencyKeyInvalidException(this.operation, "the expression " + this.key + " returns a "
				+ value.getClass().getName() + ", and a key must be a text, a number or another simple value");
	}

	private Fingerprint fingerprint(@Nullable Object content, ResultJson json) {
		if (this.fingerprint == null) {
			return Fingerprint.ANY;
		}
		try {
			return json.fingerprint(content);
		}
		catch (JacksonException ex) {
			throw new IdempotencyKeyInvalidException(this.operation, "the value of " + this.fingerprint
					+ " cannot be written as JSON for comparison: " + ex.getOriginalMessage());
		}
	}

}
