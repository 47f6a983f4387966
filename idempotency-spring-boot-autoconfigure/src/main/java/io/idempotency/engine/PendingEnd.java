package io.idempotency.engine;

import java.util.function.Consumer;

import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import io.idempotency.store.ResponseNotStored;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResult;
import org.jspecify.annotations.Nullable;

/**
 * The end of a request that is to be sent to the store.
 *
 * @param purpose what the store is asked to do, for logs
 * @param key the key of the record
 * @param outcome the outcome to store, or {@code null} if there is none
 * @param call calls the store; it throws an exception if the store does not answer
 * @param givenUp runs when the end is not tried any more
 * @param shortening when to store only that there is an outcome, if a store that answers
 * has not taken the outcome by then
 * @param deadline when to stop trying; both times are in the nanoseconds of
 * {@link Scheduling#nanoTime()}
 */
record PendingEnd(String purpose, RecordKey key, @Nullable Outcome outcome, Consumer<@Nullable Outcome> call,
		Runnable givenUp, long shortening, long deadline) {

	private static final long OVERHEAD = 500;

	@Override
	public String toString() {
		return this.purpose + " of record " + this.key;
	}

	void take() {
		this.call.accept(this.outcome);
	}

	/**
	 * Returns whether the outcome can be replaced by the fact that there is one.
	 */
	boolean canBeShortened() {
		return this.outcome != null && !(this.outcome instanceof ResponseNotStored);
	}

	boolean isOutcome() {
		return this.outcome != null;
	}

	/**
	 * Returns approximately how many bytes of memory this end takes.
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
	 * Returns this end without the response. The key is still completed, so that the
	 * handler does not run again.
	 */
	PendingEnd shortened() {
		return (this.outcome != null) ? new PendingEnd(this.purpose, this.key, new ResponseNotStored(), this.call,
				this.givenUp, this.shortening, this.deadline) : this;
	}

}
