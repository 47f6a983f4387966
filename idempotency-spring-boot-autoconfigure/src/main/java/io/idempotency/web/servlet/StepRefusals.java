package io.idempotency.web.servlet;

import io.idempotency.StepMismatchException;
import io.idempotency.StepNotStoredException;
import io.idempotency.StepNotStoredException.Reason;
import io.idempotency.web.IdempotencyException;
import io.idempotency.web.gate.Problems;
import org.jspecify.annotations.Nullable;

/**
 * What clients are told of steps that have failed.
 */
final class StepRefusals {

	private StepRefusals() {
	}

	/**
	 * Returns what the client is told.
	 * @return {@code null} if the exception is another one, or the application's mistake
	 */
	static @Nullable IdempotencyException of(Exception exception, Problems problems) {
		if (exception instanceof StepMismatchException mismatch) {
			return problems.resumeFailed(mismatch);
		}
		if (exception instanceof StepNotStoredException notStored) {
			if (notStored.getReason() == Reason.LEASE_LOST) {
				return problems.stepsTakenOver(notStored);
			}
			return (notStored.getReason() == Reason.STORE_UNAVAILABLE) ? problems.stepNotStored(notStored) : null;
		}
		return null;
	}

}
