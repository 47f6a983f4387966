package io.idempotency.engine;

import java.util.function.Consumer;

import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResult;
import org.jspecify.annotations.Nullable;

/**
 * How a request ends in the store.
 *
 * @param purpose what the store is to do, for people who read a log
 * @param key the record
 * @param outcome what it is to store, or {@code null} if nothing
 * @param call asks the store; it throws if the store does not answer
 * @param givenUp what to do when it is not tried any more
 * @param deadline when that is, in the time of the engine
 */
record PendingEnd(String purpose, RecordKey key, @Nullable Outcome outcome, Consumer<@Nullable Outcome> call,
		Runnable givenUp, long deadline) {

	private static final int OVERHEAD = 500;

	@Override
	public String toString() {
		return this.purpose + " of record " + this.key;
	}

	void take() {
		this.call.accept(this.outcome);
	}

	boolean isOutcome() {
		return this.outcome != null;
	}

	/**
	 * Returns about how much memory this takes.
	 */
	long bytes() {
		if (this.outcome instanceof StoredResult result) {
			return OVERHEAD + result.json().length;
		}
		if (!(this.outcome instanceof StoredResponse response)) {
			return OVERHEAD;
		}
		long headers = response.headers()
			.stream()
			.mapToLong((header) -> 2L * (header.name().length() + header.value().length()))
			.sum();
		return OVERHEAD + response.body().length + headers;
	}

	/**
	 * Returns this without the response. The key stays completed, which is what matters.
	 */
	PendingEnd shortened() {
		return (this.outcome != null) ? new PendingEnd(this.purpose, this.key, new ResponseNotStored(), this.call,
				this.givenUp, this.deadline) : this;
	}

}
