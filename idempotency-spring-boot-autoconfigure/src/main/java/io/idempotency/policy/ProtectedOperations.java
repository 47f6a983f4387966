package io.idempotency.policy;

import java.util.List;

import io.idempotency.store.RecordKey;
import org.jspecify.annotations.Nullable;

/**
 * Lists the protected methods and listeners, for operators of the application.
 */
public interface ProtectedOperations {

	/**
	 * Returns the operations of protected methods and listeners.
	 * @return the operations
	 */
	List<ProtectedOperation> operations();

	/**
	 * Returns the key of the record of an idempotency key.
	 * @param operation the name of the operation
	 * @param key the idempotency key
	 * @return the key of the record
	 */
	RecordKey locate(String operation, String key);

	/**
	 * How a method or listener is protected.
	 *
	 * @param name the name of the operation
	 * @param method the class and the name of the method
	 * @param listener whether the method is called with messages
	 * @param key the expression for the key, or {@code null} if the messages have the key
	 * @param policy how its calls are protected
	 */
	record ProtectedOperation(String name, String method, boolean listener, @Nullable String key,
			ProtectionPolicy policy) {
	}

}
