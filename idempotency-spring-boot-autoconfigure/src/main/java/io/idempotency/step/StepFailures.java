package io.idempotency.step;

import io.idempotency.StepMismatchException;
import io.idempotency.StepNotStoredException;

/**
 * Recognizes the exceptions of steps, which are never stored as outcomes.
 */
public final class StepFailures {

	private static final int MOST_CAUSES = 20;

	private StepFailures() {
	}

	/**
	 * Returns whether work failed because a step failed, even if the exception of the
	 * step was wrapped. Such an attempt is resumed later, so its exception must not be
	 * stored as an outcome.
	 * @param exception the exception that the work threw
	 * @return whether it is an exception of a step, or has one among its causes
	 */
	public static boolean include(Throwable exception) {
		Throwable cause = exception;
		for (int depth = 0; cause != null && depth < MOST_CAUSES; depth++, cause = cause.getCause()) {
			if (cause instanceof StepMismatchException || cause instanceof StepNotStoredException) {
				return true;
			}
		}
		return false;
	}

}
