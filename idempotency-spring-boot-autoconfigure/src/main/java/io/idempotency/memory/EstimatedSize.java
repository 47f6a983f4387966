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
 * How many bytes of the heap a record takes, more or less: texts count a byte for each
 * character, as the JVM keeps Latin-1, and objects what a JVM with compressed pointers
 * takes for them.
 */
final class EstimatedSize {

	/**
	 * The objects of a record without its texts: the entry of the map, key, fingerprint,
	 * owner token and times.
	 */
	private static final int RECORD = 350;

	/**
	 * The objects of one value of one header.
	 */
	private static final int HEADER = 100;

	private static final int BODY = 16;

	/**
	 * The objects of a result, its trace included.
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
	 * Returns what an outcome adds to that.
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
	 * Returns what steps add to that.
	 */
	static long of(List<StoredStep> steps) {
		long size = 0;
		for (StoredStep step : steps) {
			size += (long) STEP + step.name().length() + step.version().length() + of(step.result());
		}
		return size;
	}

}
