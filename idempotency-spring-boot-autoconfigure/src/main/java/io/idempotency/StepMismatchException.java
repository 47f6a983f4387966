package io.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * Thrown where an attempt cannot go on with the steps of an earlier one: the handler has
 * changed since and takes other steps, or in another order, or the result of a step no
 * longer reads as its type, or could not be kept. The work of the step does not run, and
 * no later attempt fares better until the handler is as it was, says by
 * {@link Idempotent#version()} that earlier steps are not to be used, or the record is
 * removed. A client gets it as status 409 with the problem type {@code resume-failed}.
 */
public class StepMismatchException extends RuntimeException {

	private final String step;

	/**
	 * Creates an exception.
	 * @param step the name of the step that was to be taken
	 * @param message what does not fit
	 * @param cause why the result does not read, or {@code null}
	 */
	public StepMismatchException(String step, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.step = step;
	}

	/**
	 * Returns the step that was to be taken.
	 * @return its name
	 */
	public String getStep() {
		return this.step;
	}

}
