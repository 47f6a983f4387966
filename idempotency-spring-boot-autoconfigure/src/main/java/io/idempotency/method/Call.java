package io.idempotency.method;

import java.time.Duration;

import io.idempotency.engine.Claim;
import io.idempotency.engine.Entry;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.result.ResultType;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.RecordKey;

/**
 * A call of an operation with an idempotency key.
 *
 * @param operation the name of the operation
 * @param entry how the call entered the application
 * @param key the idempotency key
 * @param recordKey the key of the record
 * @param fingerprint the fingerprint of the call
 * @param policy how the call is protected
 * @param resultType the types of the result and of stored exceptions
 * @param waitTimeout how long the call waits for a concurrent call
 * @param joinsTransaction whether the work is part of the caller's transaction
 */
record Call(String operation, Entry entry, String key, RecordKey recordKey, Fingerprint fingerprint,
		ProtectionPolicy policy, ResultType resultType, Duration waitTimeout, boolean joinsTransaction) {

	Claim claim() {
		return new Claim(this.policy.store(), this.recordKey, this.fingerprint, this.policy.expiry(), this.operation,
				this.entry);
	}

}
