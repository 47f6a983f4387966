package io.idempotency.method;

import java.time.Duration;

import io.idempotency.engine.Claim;
import io.idempotency.engine.Entry;
import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.result.ResultType;
import io.idempotency.store.Fingerprint;
import io.idempotency.store.RecordKey;

/**
 * A call of an operation that has a key.
 *
 * @param operation the name of the operation
 * @param entry how the call came into the application
 * @param key the idempotency key
 * @param recordKey where the record is
 * @param fingerprint what tells it from another call with the key
 * @param policy how it is protected
 * @param resultType what it ends with
 * @param waitTimeout how long it waits for a concurrent one
 * @param joinsTransaction whether its work is a part of the caller's transaction
 */
record Call(String operation, Entry entry, String key, RecordKey recordKey, Fingerprint fingerprint,
		ProtectionPolicy policy, ResultType resultType, Duration waitTimeout, boolean joinsTransaction) {

	Claim claim() {
		return new Claim(this.policy.store(), this.recordKey, this.fingerprint, this.policy.expiry(), this.operation,
				this.entry);
	}

}
