package io.idempotency.engine;

import io.idempotency.store.Enlistment;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResult;

/**
 * What is to become of a request with a key.
 */
public sealed interface Attempt {

	/**
	 * The request is the first: its handler runs.
	 *
	 * @param execution to be ended when the handler has
	 */
	record Proceed(Execution execution) implements Attempt {
	}

	/**
	 * The call is the first: its work runs in the transaction that has its record.
	 *
	 * @param record to be ended when the work has
	 */
	record Enlisted(Enlistment.Enlisted record) implements Attempt {
	}

	/**
	 * The request is a retry: the client gets the stored response.
	 *
	 * @param response the first request's response
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
	 * The first request still runs.
	 */
	record InProgress() implements Attempt {
	}

	/**
	 * The key came before with another fingerprint.
	 */
	record KeyReused() implements Attempt {
	}

	/**
	 * Earlier attempts have left steps, with which a call without a lease cannot go on.
	 */
	record Resumable() implements Attempt {
	}

	/**
	 * The first request has run, but its response was not stored.
	 */
	record ResponseNotStored() implements Attempt {
	}

	/**
	 * The first request's lease lapsed, and nobody knows whether its handler had an
	 * effect.
	 */
	record OutcomeUnknown() implements Attempt {
	}

	/**
	 * There is a record, but this version cannot read it.
	 *
	 * @param cause says what is wrong with it
	 */
	record RecordUnreadable(RuntimeException cause) implements Attempt {
	}

	/**
	 * The store could not be asked.
	 *
	 * @param cause the store's failure
	 */
	record StoreUnavailable(RuntimeException cause) implements Attempt {
	}

}
