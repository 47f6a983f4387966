package io.idempotency.store;

import java.time.Instant;

/**
 * The result of one step of a handler. It is stored with the record until the handler has
 * ended, so that a later attempt does not have to take the step again.
 *
 * @param position the position of the step within its attempt, starting at 0. A step
 * replaces the steps with the same or a greater position
 * @param name the name of the step
 * @param version the version of the handler that took the step, or an empty string
 * @param takenAt when the step was taken, by the clock of the instance that took it; for
 * information only
 * @param result the result: a {@link StoredResult}, or a {@link ResponseNotStored} if the
 * step was taken, but its result could not be stored
 */
public record StoredStep(int position, String name, String version, Instant takenAt, Outcome result) {

	public StoredStep {
		if (position < 0) {
			throw new IllegalArgumentException("A position must not be negative: " + position);
		}
		if (name.isEmpty()) {
			throw new IllegalArgumentException("A step must have a name");
		}
		if (result instanceof StoredResponse) {
			throw new IllegalArgumentException("The result of a step must not be a response");
		}
	}

	/**
	 * Describes the step without its result, which may be private.
	 */
	@Override
	public String toString() {
		return "StoredStep[" + this.position + ", " + this.name + ", " + this.result + "]";
	}

}
