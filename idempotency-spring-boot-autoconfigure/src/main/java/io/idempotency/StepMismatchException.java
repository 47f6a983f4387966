package io.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * Thrown when an attempt cannot continue after the steps of an earlier attempt. This
 * happens if the handler was changed and takes other steps or takes them in another
 * order, if the stored result of a step cannot be read as its type any more, or if the
 * result could not be stored. The work of the step does not run.
 * <p>
 * Later attempts fail in the same way until the handler takes the earlier steps again,
 * until {@link Idempotent#version()} is changed so that the earlier steps are not used,
 * or until the record is removed. A client gets status 409 with the problem type
 * {@code resume-failed}.
 */
public class StepMismatchException extends RuntimeException {

	private final String step;

	/**
	 * Creates an exception.
	 * @param step the name of the step that was to be taken
	 * @param message why the attempt cannot continue
	 * @param cause why the result cannot be read, or {@code null}
	 */
	public StepMismatchException(String step, String message, @Nullable Throwable cause) {
		super(message, cause);
		this.step = step;
	}

	/**
	 * Returns the name of the step that was to be taken.
	 * @return the name of the step
	 */
	public String getStep() {
		return this.step;
	}

}
