package io.idempotency.web.operation;

import io.idempotency.store.RecordKey;
import io.idempotency.web.IdempotencyScopeResolver;
import io.idempotency.web.RecordLocator;

/**
 * Finds records by the scope that the properties define.
 */
public final class ScopedRecordLocator implements RecordLocator {

	private final KeyReader keys;

	private final IdempotencyScopeResolver scopes;

	/**
	 * Creates a locator.
	 * @param keys validates keys
	 * @param scopes the scope resolver of the application
	 */
	public ScopedRecordLocator(KeyReader keys, IdempotencyScopeResolver scopes) {
		this.keys = keys;
		this.scopes = scopes;
	}

	@Override
	public RecordKey locate(String key, KnownRequest request) {
		if (this.scopes instanceof DefaultScopeResolver scope) {
			return RecordKey.of(scope.scopeOf(request), this.keys.accept(key));
		}
		throw new IllegalArgumentException(
				"The application has an IdempotencyScopeResolver of its own: give a record key instead.");
	}

}
