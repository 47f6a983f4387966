package io.idempotency.engine;

import io.idempotency.store.Enlistment;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResult;

/**
 * The decision of the engine about a request with a key.
 */
public sealed interface Attempt {

	/**
	 * The request is the first one: its handler runs.
	 *
	 * @param execution the execution, which must be ended when the handler has ended
	 */
	record Proceed(Execution execution) implements Attempt {
	}

	/**
	 * The call is the first one: its work runs in the transaction that contains its
	 * record.
	 *
	 * @param record the record, which must be committed or rolled back when the work has
	 * ended
	 */
	record Enlisted(Enlistment.Enlisted record) implements Attempt {
	}

	/**
	 * The request is a retry: the client gets the stored response.
	 *
	 * @param response the response to the first request
	 */
	record Replay(StoredResponse response) implements Attempt {
	}

	/**
	 * The call was made before: the caller gets the stored result.
	 *
	 * @param result what the first call returned or threw
	 */
	record Result(StoredResult result) implements Attempt {
	}

	/**
	 * The first request is still in progress.
	 */
	record InProgress() implements Attempt {
	}

	/**
	 * The key was used before with another fingerprint.
	 */
	record KeyReused() implements Attempt {
	}

	/**
	 * Earlier attempts have stored steps, and a call without a lease cannot continue
	 * after them.
	 */
	record Resumable() implements Attempt {
	}

	/**
	 * The first request has run, but its response was not stored.
	 */
	record ResponseNotStored() implements Attempt {
	}

	/**
	 * The lease of the first request has lapsed, and it is unknown whether its handler
	 * had an effect.
	 */
	record OutcomeUnknown() implements Attempt {
	}

	/**
	 * There is a record that this version cannot read.
	 *
	 * @param cause the exception that says why
	 */
	record RecordUnreadable(RuntimeException cause) implements Attempt {
	}

	/**
	 * The store is not available.
	 *
	 * @param cause the failure of the store
	 */
	record StoreUnavailable(RuntimeException cause) implements Attempt {
	}

}
