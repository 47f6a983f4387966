package io.idempotency.web.operation;

import java.io.IOException;

import io.idempotency.policy.ProtectionPolicy;
import io.idempotency.store.RecordKey;
import io.idempotency.web.IdempotencyFingerprinter;
import io.idempotency.web.IdempotencyScopeResolver;
import io.idempotency.web.ProtectedRequest;
import org.jspecify.annotations.Nullable;

/**
 * Reads the operation of a request.
 */
public final class OperationReader {

	private final KeyReader keys;

	private final IdempotencyScopeResolver scopes;

	private final IdempotencyFingerprinter fingerprints;

	/**
	 * Creates a reader.
	 * @param keys reads the key of a request
	 * @param scopes resolves the scope of the key
	 * @param fingerprints computes the fingerprint of the request
	 */
	public OperationReader(KeyReader keys, IdempotencyScopeResolver scopes, IdempotencyFingerprinter fingerprints) {
		this.keys = keys;
		this.scopes = scopes;
		this.fingerprints = fingerprints;
	}

	/**
	 * Returns the key of a request.
	 * @param request the request
	 * @return the key, or {@code null} if it has none
	 * @throws IllegalArgumentException if the key breaks a rule
	 * @throws IOException if the key may be in the body and the body cannot be read
	 */
	public @Nullable String readKey(ProtectedRequest request) throws IOException {
		return this.keys.readKey(request);
	}

	/**
	 * Returns the operation of a request that has a key.
	 * @param request the request
	 * @param key its key
	 * @param policy how its handler is protected
	 * @return the operation
	 * @throws IOException if the body cannot be read
	 */
	public Operation read(ProtectedRequest request, String key, ProtectionPolicy policy) throws IOException {
		String scope = this.scopes.resolveScope(request);
		return new Operation(policy, key, RecordKey.of(scope, key), this.fingerprints.fingerprint(request),
				Operation.name(request));
	}

}
