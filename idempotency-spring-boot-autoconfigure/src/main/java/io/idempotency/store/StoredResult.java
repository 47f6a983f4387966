package io.idempotency.store;

import java.util.Arrays;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What a method returned or threw, as it is stored and returned to later callers.
 *
 * @param thrown whether the method threw it
 * @param type the name of the type that the JSON was written for; no object is ever
 * created from this name
 * @param traceId the identifier of the trace in which the method ran, or {@code null} if
 * it was not traced
 * @param json the result as JSON in UTF-8, which is not copied and must not be changed
 */
public record StoredResult(boolean thrown, String type, @Nullable String traceId, byte[] json) implements Outcome {

	@Override
	public boolean equals(Object other) {
		return other instanceof StoredResult that && this.thrown == that.thrown && this.type.equals(that.type)
				&& Objects.equals(this.traceId, that.traceId) && Arrays.equals(this.json, that.json);
	}

	@Override
	public int hashCode() {
		return 31 * (31 * this.type.hashCode() + Boolean.hashCode(this.thrown)) + Arrays.hashCode(this.json);
	}

	/**
	 * Describes the result without its content, which may be private.
	 */
	@Override
	public String toString() {
		return "StoredResult[" + (this.thrown ? "thrown " : "") + this.type + ", " + this.json.length + " bytes]";
	}

}
