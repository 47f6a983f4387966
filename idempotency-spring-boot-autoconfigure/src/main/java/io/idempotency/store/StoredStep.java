package io.idempotency.store;

import java.time.Instant;

/**
 * The result of one step of a handler, kept with the record until the handler has ended,
 * so that a later attempt need not take the step again.
 *
 * @param position the place of the step among those of its attempt, from 0. A step takes
 * the place of the one that has its position, and of all behind that
 * @param name what the handler calls the step
 * @param version the version of the handler that took the step, or an empty text
 * @param takenAt when the step was taken, by the clock of the instance that took it: for
 * people, not for decisions
 * @param result what came of it: a {@link StoredResult}, or a {@link ResponseNotStored}
 * if the step was taken, but its result could not be kept
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
			throw new IllegalArgumentException("The result of a step is no response");
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
