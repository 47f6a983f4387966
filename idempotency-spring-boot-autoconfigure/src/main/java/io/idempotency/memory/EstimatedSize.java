package io.idempotency.memory;

import java.util.List;

import io.idempotency.store.Fingerprint;
import io.idempotency.store.Outcome;
import io.idempotency.store.RecordKey;
import io.idempotency.store.StoredResponse;
import io.idempotency.store.StoredResponse.Header;
import io.idempotency.store.StoredResult;
import io.idempotency.store.StoredStep;
import org.jspecify.annotations.Nullable;

/**
 * Estimates how many bytes of the heap a record takes. A string counts one byte per
 * character, because the JVM stores Latin-1 in this way. Objects count as on a JVM with
 * compressed pointers.
 */
final class EstimatedSize {

	/**
	 * The objects of a record without its strings: map entry, key, fingerprint, owner
	 * token and times.
	 */
	private static final int RECORD = 350;

	/**
	 * The objects of one header value.
	 */
	private static final int HEADER = 100;

	private static final int BODY = 16;

	/**
	 * The objects of a result, including its trace identifier.
	 */
	private static final int RESULT = 180;

	/**
	 * The objects of a step without its result.
	 */
	private static final int STEP = 150;

	private EstimatedSize() {
	}

	/**
	 * Returns the size of a record that has no response.
	 */
	static long ofClaim(RecordKey key, Fingerprint fingerprint, String ownerToken) {
		return (long) RECORD + key.hex().length() + fingerprint.hex().length() + ownerToken.length();
	}

	/**
	 * Returns the additional size of an outcome.
	 */
	static long of(@Nullable Outcome outcome) {
		if (outcome instanceof StoredResult result) {
			return (long) RESULT + result.type().length() + result.json().length;
		}
		if (!(outcome instanceof StoredResponse response)) {
			return 0;
		}
		long size = (long) BODY + response.body().length;
		for (Header header : response.headers()) {
			size += (long) HEADER + header.name().length() + header.value().length();
		}
		return size;
	}

	/**
	 * Returns the additional size of steps.
	 */
	static long of(List<StoredStep> steps) {
		long size = 0;
		for (StoredStep step : steps) {
			size += (long) STEP + step.name().length() + step.version().length() + of(step.result());
		}
		return size;
	}

}
