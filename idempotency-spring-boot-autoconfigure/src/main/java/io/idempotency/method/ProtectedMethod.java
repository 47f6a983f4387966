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
 * @param listener whether it is called by a broker's listener container
 * @param asynchronous whether its result comes later
 * @param key gives the key, or {@code null} if the message of a listener has it
 * @param fingerprint gives what must be the same when a key comes again, or {@code null}
 * if calls are not compared
 * @param policy how calls are protected
 * @param resultType what they end with
 * @param waitTimeout how long a call waits for a concurrent one
 * @param joinsTransaction whether its work is a part of a caller's transaction
 * @param parameters finds the payload among the arguments of a listener
 */
record ProtectedMethod(String operation, boolean listener, boolean asynchronous, @Nullable CallExpression key,
		@Nullable CallExpression fingerprint, ProtectionPolicy policy, ResultType resultType, Duration waitTimeout,
		boolean joinsTransaction, PayloadParameter parameters) {

	/**
	 * Returns the call that some arguments make.
	 * @return {@code null} if it has no key and needs none
	 * @throws IdempotencyKeyInvalidException if it has no key that can be used
	 */
	@Nullable Call call(@Nullable Object target, @Nullable Object[] arguments, CallKeys keys, ResultJson json) {
		return call(target, arguments, this.listener ? IncomingMessage.current() : null, keys, json);
	}

	/**
	 * Returns the call that some arguments or a message make.
	 * @param message what a listener is given, or {@code null} if no broker calls
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
					"the message has no idempotency key, neither the id of a CloudEvent, nor an Idempotency-Key header, nor an id that its publisher gave it; let the publisher set one, or name another with @Idempotent(key = ...)");
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
		throw new IdempotencyKeyInvalidException(this.operation, "the expression " + this.key + " gives a "
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
			throw new IdempotencyKeyInvalidException(this.operation,
					"what " + this.fingerprint + " gives cannot be compared by its JSON: " + ex.getOriginalMessage());
		}
	}

}
