package io.idempotency.policy;

import java.util.List;

import io.idempotency.store.RecordKey;
import org.jspecify.annotations.Nullable;

/**
 * Knows the methods and listeners that are protected, for people who look after the
 * application.
 */
public interface ProtectedOperations {

	/**
	 * Returns the operations of protected methods and listeners.
	 * @return the operations
	 */
	List<ProtectedOperation> operations();

	/**
	 * Returns where the record of a key is.
	 * @param operation the name of the operation
	 * @param key the idempotency key
	 * @return the record
	 */
	RecordKey locate(String operation, String key);

	/**
	 * How a method or listener is protected.
	 *
	 * @param name the name of the operation
	 * @param method its class and method
	 * @param listener whether it is called with messages
	 * @param key the expression that gives its keys, or {@code null} if its messages have
	 * them
	 * @param policy how its calls are protected
	 */
	record ProtectedOperation(String name, String method, boolean listener, @Nullable String key,
			ProtectionPolicy policy) {
	}

}
