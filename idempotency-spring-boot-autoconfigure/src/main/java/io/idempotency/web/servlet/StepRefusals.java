package io.idempotency.web.servlet;

import io.idempotency.StepMismatchException;
import io.idempotency.StepNotStoredException;
import io.idempotency.StepNotStoredException.Reason;
import io.idempotency.web.IdempotencyException;
import io.idempotency.web.gate.Problems;
import org.jspecify.annotations.Nullable;

/**
 * Translates failures of steps into refusals.
 */
final class StepRefusals {

	private StepRefusals() {
	}

	/**
	 * Returns the refusal for an exception.
	 * @return the refusal, or {@code null} if the exception does not come from a step, or
	 * is a mistake of the application
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
