package io.idempotency.step;

import io.idempotency.StepMismatchException;
import io.idempotency.StepNotStoredException;

/**
 * Tells the exceptions of steps from what is an answer.
 */
public final class StepFailures {

	private static final int MOST_CAUSES = 20;

	private StepFailures() {
	}

	/**
	 * Returns whether a step has failed, whatever was made of its exception: the attempt
	 * is then to be resumed, and its end is no answer that may be stored.
	 * @param exception what the work has thrown
	 * @return whether it is an exception of a step, or has one as a cause
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
