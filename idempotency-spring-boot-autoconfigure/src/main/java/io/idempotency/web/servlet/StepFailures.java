package io.idempotency.web.servlet;

import io.idempotency.StepMismatchException;
import io.idempotency.StepNotStoredException;
import io.idempotency.StepNotStoredException.Reason;
import io.idempotency.web.IdempotencyException;
import io.idempotency.web.gate.Problems;
import org.jspecify.annotations.Nullable;

/**
 * The exceptions of steps that are no answer of the handler's.
 */
final class StepFailures {

	private static final int MOST_CAUSES = 20;

	private StepFailures() {
	}

	static boolean include(Throwable exception) {
		Throwable cause = exception;
		for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++, cause = cause.getCause()) {
			if (cause instanceof StepMismatchException || cause instanceof StepNotStoredException) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Returns what the client is told.
	 * @return {@code null} if the exception is another one, or the application's mistake
	 */
	static @Nullable IdempotencyException refusal(Exception exception, Problems problems) {
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
